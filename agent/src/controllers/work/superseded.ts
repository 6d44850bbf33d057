import type { KubeObject, Stored } from '@quarterdeck/apis';

/**
 * States of objects that the agent has replaced itself. A watch may show such a state for a moment longer: what was put right
 * would be seen as drift once more, and a fight be seen where there is none. DL-20, DL-21
 */
export interface Superseded {
  /** `before` was written upon, and `after` is what the member answered. */
  replaced(before: Stored<KubeObject>, after: Stored<KubeObject>): void;
  isSuperseded(seen: Stored<KubeObject>): boolean;
}

const maxObjects = 20_000;

export function createSuperseded(): Superseded {
  const revisions = new Map<string, string>();
  return {
    replaced({ metadata: before }, { metadata: after }) {
      if (before.resourceVersion === after.resourceVersion) return;
      if (revisions.size >= maxObjects) revisions.clear();
      revisions.set(before.uid, before.resourceVersion);
    },
    isSuperseded({ metadata: { uid, resourceVersion } }) {
      const revision = revisions.get(uid);
      if (revision === undefined) return false;
      if (revision === resourceVersion) return true;
      revisions.delete(uid); // the watch has caught up
      return false;
    },
  };
}
