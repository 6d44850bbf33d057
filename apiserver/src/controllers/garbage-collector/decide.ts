import type { OwnerReference } from '@quarterdeck/apis';
import { foregroundFinalizer, orphanFinalizer } from '@quarterdeck/machinery';
import type { StorageKey } from '../../storage/storage.ts';
import type { Collectable } from './collectable.ts';

/**
 * What has become of an owner.
 *
 * - `live`: it exists, with that uid.
 * - `waiting`: it is being deleted in the foreground, after its dependents.
 * - `absent`: it does not exist, or another of its name does.
 * - `unknown`: its kind is not served, so nobody can tell (yet).
 * - `unresolvable`: a cluster-scoped object cannot belong to a namespaced one. KA-113
 */
export type OwnerState = 'live' | 'waiting' | 'absent' | 'unknown' | 'unresolvable';

export interface SeenOwner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

export interface Observed {
  readonly object: Collectable;
  /** One per reference, in order. */
  readonly owners: readonly SeenOwner[];
  /** Objects that refer to this one's uid. */
  readonly dependents: readonly Collectable[];
}

type DeletePolicy = 'Background' | 'Foreground' | 'Orphan';

/** One write; each is conditional on what was seen of its object. */
export type Step =
  | { readonly type: 'setOwners'; readonly object: Collectable; readonly owners: readonly OwnerReference[] }
  | { readonly type: 'setFinalizers'; readonly object: Collectable; readonly finalizers: readonly string[] }
  | { readonly type: 'delete'; readonly object: Collectable; readonly policy: DeletePolicy };

export interface Decision {
  /** In order; a failure ends the rest. */
  readonly steps: readonly Step[];
  /** Objects to look at, since this one's state concerns them. */
  readonly examine: readonly StorageKey[];
  /** Something is not known yet: look again later. */
  readonly isUncertain: boolean;
}

const nothing: Decision = { steps: [], examine: [], isUncertain: false };

/** Total and synchronous. KA-113, KA-114 */
export function decide(seen: Observed): Decision {
  const { object } = seen;
  if (!object.isDeleting) return collect(seen);
  if (object.finalizers.includes(orphanFinalizer)) return orphanDependents(seen);
  if (object.finalizers.includes(foregroundFinalizer)) return awaitDependents(seen);
  return nothing;
}

/** Orphan: the references go first, then the finalizer, so that a crash in between leaves nobody to be collected. */
function orphanDependents({ object, dependents }: Observed): Decision {
  const steps: Step[] = dependents.map((dependent) => ({
    type: 'setOwners',
    object: dependent,
    owners: dependent.owners.filter(({ uid }) => uid !== object.uid),
  }));
  return { ...nothing, steps: [...steps, withoutFinalizer(object, orphanFinalizer)] };
}

/** Foreground: the owner stays until no dependent blocks it; dependents see that it waits, and go. */
function awaitDependents({ object, dependents }: Observed): Decision {
  const others = dependents.filter(({ uid }) => uid !== object.uid);
  const blocking = others.filter((dependent) => referenceTo(object, dependent)?.blockOwnerDeletion === true);
  const examine = others.filter(({ isDeleting }) => !isDeleting).map(({ key }) => key);
  if (blocking.length > 0) return { ...nothing, examine };
  return { ...nothing, steps: [withoutFinalizer(object, foregroundFinalizer)], examine };
}

function collect({ object, owners, dependents }: Observed): Decision {
  if (owners.length === 0 || owners.some(({ state }) => state === 'unresolvable')) return nothing;
  if (owners.some(({ state }) => state === 'unknown')) return { ...nothing, isUncertain: true };
  const references = (state: OwnerState) => owners.filter((one) => one.state === state).map((one) => one.reference);
  const live = references('live');
  if (live.length === owners.length) return nothing;
  if (live.length > 0) return { ...nothing, steps: [{ type: 'setOwners', object, owners: live }] };
  if (references('waiting').length === 0 || dependents.length === 0) {
    return { ...nothing, steps: [{ type: 'delete', object, policy: policyOf(object) }] };
  }
  return collectInForeground({ object, owners, dependents });
}

/**
 * An owner waits for this object, which has dependents of its own: they go before it. Where one of those waits for its
 * dependents already, there may be a cycle, so this object no longer blocks its owners. KA-114
 */
function collectInForeground({ object, owners, dependents }: Observed): Decision {
  const isCycle = dependents.some(
    ({ isDeleting, finalizers }) => isDeleting && finalizers.includes(foregroundFinalizer),
  );
  const blocks = owners.some(({ state, reference }) => state === 'waiting' && reference.blockOwnerDeletion === true);
  if (isCycle && blocks) {
    const unblocked = owners.map(({ reference, state }) =>
      state === 'waiting' ? { ...reference, blockOwnerDeletion: false } : reference,
    );
    return { ...nothing, steps: [{ type: 'setOwners', object, owners: unblocked }] };
  }
  return { ...nothing, steps: [{ type: 'delete', object, policy: 'Foreground' }] };
}

/** A finalizer that is there already says how its own dependents shall fare. KA-58 */
function policyOf({ finalizers }: Collectable): DeletePolicy {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

function referenceTo(owner: Collectable, dependent: Collectable): OwnerReference | undefined {
  return dependent.owners.find(({ uid }) => uid === owner.uid);
}

function withoutFinalizer(object: Collectable, name: string): Step {
  return { type: 'setFinalizers', object, finalizers: object.finalizers.filter((one) => one !== name) };
}
