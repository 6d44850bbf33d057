import type { KubeObject, Stored } from '@quarterdeck/apis';
import { type ObjectKey, objectKey } from '@quarterdeck/machinery';

/**
 * Which state of a Work the agent made itself, by writing its status. It was written upon the state that the pass saw, or it
 * would have been a conflict; so the event of it tells nothing new, and is no reason for a pass. WK-38
 */
export interface OwnWrites {
  /** @param stored as the hub answered */
  wrote(stored: Stored<KubeObject>): void;
  /** False also when the event is there before the answer: then one pass more finds nothing to do. */
  isOwn(work: Stored<KubeObject>): boolean;
  /** The Work is gone. */
  forget(key: ObjectKey): void;
}

export function createOwnWrites(): OwnWrites {
  const revisions = new Map<ObjectKey, string>();
  return {
    wrote: ({ metadata }) => void revisions.set(objectKey(metadata), metadata.resourceVersion),
    isOwn: ({ metadata }) => revisions.get(objectKey(metadata)) === metadata.resourceVersion,
    forget: (key) => void revisions.delete(key),
  };
}
