import {
  hubFieldManager,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  MemberCluster,
  type MemberClusterStatus,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Client, InvariantError, type ObjectRef } from '@quarterdeck/machinery';
import { equalParts } from './equal.ts';
import type { MemberStatusLane } from './member-cluster/status-lane.ts';

/** One write that a `decide` asks for. Data, so that decisions are tested without a server. */
export type Write =
  | {
      readonly verb: 'create';
      readonly type: ResourceType;
      readonly object: KubeObject;
    }
  | {
      readonly verb: 'createMember';
      readonly type: ResourceType<MemberCluster>;
      readonly object: MemberCluster;
      /** Written right after, to what was made and nothing later. */
      readonly status: MemberClusterStatus;
    }
  /** Conditional on the resourceVersion that `object` carries. */
  | { readonly verb: 'update'; readonly type: ResourceType; readonly object: KubeObject }
  | {
      readonly verb: 'updateSubresource';
      readonly subresource: 'status' | 'approval';
      readonly type: ResourceType;
      readonly object: KubeObject;
    }
  /** Of parts that the deciding controller alone is in charge of, together with what others change. */
  | {
      readonly verb: 'changeStatus';
      readonly type: ResourceType<MemberCluster>;
      readonly before: Stored<MemberCluster>;
      readonly object: Stored<MemberCluster> & { readonly status: MemberClusterStatus };
    }
  /** Only this very object: by uid. */
  | { readonly verb: 'delete'; readonly type: ResourceType; readonly ref: ObjectRef; readonly uid: string };

export function create<T extends KubeObject>(type: ResourceType<T>, object: T): Write {
  return { verb: 'create', type, object };
}

/** Two writes: a create takes no status along. A crash in between leaves an object without one. */
export function createMember(object: MemberCluster, status: MemberClusterStatus): Write {
  return { verb: 'createMember', type: MemberCluster, object, status };
}

export function update<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'update', type, object };
}

export function updateStatus<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'updateSubresource', subresource: 'status', type, object };
}

/** @returns nothing where nothing changes */
export function changeMemberStatus(before: Stored<MemberCluster>, status: MemberClusterStatus): Write[] {
  if (equalParts(status, before.status)) return [];
  return [{ verb: 'changeStatus', type: MemberCluster, before, object: { ...before, status } }];
}

export function remove<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'delete', type, ref: refOf(object), uid: object.metadata.uid };
}

function refOf(object: Stored<KubeObject>): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

/** Where writes go. */
export interface WriteTarget {
  readonly hubClient: Client;
  readonly memberStatus: MemberStatusLane;
}

/**
 * Carries the writes out, in order, and stops at the first failure: a decide's order is part of its meaning. A conflict or
 * an AlreadyExists means that the view was stale; the controller's loop looks again.
 * @returns what creates and updates made, and what deletions left waiting for its finalizers
 */
export async function commit(
  to: WriteTarget,
  writes: readonly Write[],
  signal: AbortSignal,
): Promise<readonly Stored<KubeObject>[]> {
  const made: Stored<KubeObject>[] = [];
  for (const write of writes) {
    const object = await carryOut(to, write, signal);
    if (object !== undefined) made.push(object);
  }
  return made;
}

/** How many independent writes are under way at once: they share the commits of the storage's lane. */
const atOnce = 32;

export interface CommitEachOptions {
  readonly signal: AbortSignal;
  /** Hears of each object that was created, updated, or marked for deletion; also when other writes fail. */
  readonly onWritten?: (object: Stored<KubeObject>) => void;
}

/**
 * Carries out writes that have nothing to do with each other, such as those to different members: one that fails holds up
 * no other. @throws the first failure that is more than a stale view, else the first, when all were tried
 */
export async function commitEach(
  to: WriteTarget,
  writes: readonly Write[],
  { signal, onWritten = () => {} }: CommitEachOptions,
): Promise<void> {
  const failures: unknown[] = [];
  const waiting = writes.values();
  const lane = async () => {
    for (const write of waiting) {
      if (signal.aborted) return;
      try {
        const object = await carryOut(to, write, signal);
        if (object !== undefined) onWritten(object);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, writes.length) }, lane));
  signal.throwIfAborted();
  const isStale = (error: unknown) => isConflict(error) || isAlreadyExists(error);
  if (failures.length > 0) throw failures.find((error) => !isStale(error)) ?? failures[0];
}

/** Leases never guard a write alone: each update carries the version it was made from. RL-4 */
async function carryOut(to: WriteTarget, write: Write, signal: AbortSignal): Promise<Stored<KubeObject> | undefined> {
  const { hubClient, memberStatus } = to;
  const options = { signal, fieldManager: hubFieldManager, fieldValidation: 'Strict' as const };
  if ((write.verb === 'update' || write.verb === 'updateSubresource') && !write.object.metadata.resourceVersion) {
    throw new InvariantError(`an update of ${write.type.kind} ${write.object.metadata.name} without a resourceVersion`);
  }
  switch (write.verb) {
    case 'create':
      return await hubClient.create(write.type, write.object, options);
    case 'createMember':
      await memberStatus.change(await hubClient.create(write.type, write.object, options), write.status, signal);
      return undefined;
    case 'changeStatus':
      await memberStatus.change(write.before, write.object.status, signal);
      return undefined;
    case 'update':
      return await hubClient.update(write.type, write.object, options);
    case 'updateSubresource':
      return await hubClient.update(write.type, write.object, { ...options, subresource: write.subresource });
    case 'delete':
      return await removeExactly(hubClient, write, signal);
  }
}

/** @returns what waits for finalizers; undefined: it is gone */
async function removeExactly(
  hubClient: Client,
  write: Write & { verb: 'delete' },
  signal: AbortSignal,
): Promise<Stored<KubeObject> | undefined> {
  try {
    return await hubClient.delete(write.type, write.ref, { preconditions: { uid: write.uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}
