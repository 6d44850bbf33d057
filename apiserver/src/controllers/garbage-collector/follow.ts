import { groupResourceName, type OwnerReference } from '@quarterdeck/apis';
import { type Followed, follow } from '../../cache/follow.ts';
import type { Entry, StoreEvent } from '../../cache/store.ts';
import type { StorageKey } from '../../storage/storage.ts';
import type { ControllerContext } from '../context.ts';
import { mayConcern, readCollectable } from './collectable.ts';
import type { Neighbourhood } from './observe.ts';

export interface FollowOptions extends Pick<ControllerContext, 'store' | 'resources' | 'clock' | 'logger'> {
  readonly neighbourhood: Neighbourhood;
  /** Told of every object that may have to be collected, or that waits for others. */
  readonly onConcern: (key: StorageKey) => void;
  /** Told the uid of every object that goes. */
  readonly onGone: (uid: string) => void;
}

/**
 * Turns changes of all resources into objects to look at: dependents of what goes, owners of what goes or lets go, and
 * whatever has owners or a finalizer of the collector's. Begins with a look at everything, and does so again when it
 * may have missed something (history gone, store reloaded): what was missed of one resource may concern any other. One
 * watch per resource, new kinds included as they come. Resolves when the signal aborts.
 */
export async function followChanges(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, logger, resources } = options;
  const followed = new Set<string>();
  const openNew = () => {
    const added = resources
      .list()
      .map(groupResourceName)
      .filter((resource) => !followed.has(resource));
    return added.map((resource) => {
      followed.add(resource);
      return openResource(resource, options);
    });
  };
  const load = () => {
    followed.clear();
    return openNew();
  };
  await follow({ store, clock, logger, load, growth: (more) => resources.onChange(() => more(openNew)) }, signal);
}

function openResource(resource: string, options: FollowOptions): Followed {
  const { store, onConcern } = options;
  const { entries, revision } = store.list({ resource });
  const watch = store.watch({ resource, after: revision });
  for (const entry of entries) if (mayConcern(entry)) onConcern(entry.key);
  return { watch, onEvent: (event) => handle(event, options) };
}

function handle(event: StoreEvent, { store, neighbourhood, onConcern, onGone }: FollowOptions): void {
  const { entry, previous } = event;
  const ownerKeys = (owners: readonly OwnerReference[]) =>
    owners.flatMap((owner) => neighbourhood.ownerKey(owner, entry.key.namespace) ?? []);
  if (event.type === 'put') {
    if (mayConcern(entry)) onConcern(entry.key);
    for (const key of ownerKeys(releasedOwners(previous, entry))) onConcern(key);
    return;
  }
  onGone(entry.index.uid);
  for (const dependent of store.ownedBy(entry.index.uid)) onConcern(dependent.key);
  if (entry.index.ownerUids.length === 0) return;
  for (const key of ownerKeys(readCollectable(entry).owners)) onConcern(key);
}

/** Owners that may have waited for an object and need not any more: it no longer names them, or no longer blocks them. */
function releasedOwners(previous: Entry | undefined, entry: Entry): OwnerReference[] {
  if (previous === undefined || previous.index.ownerUids.length === 0) return [];
  // Most writes leave the references alone; their bytes tell without decoding.
  if (ownerBytes(previous).equals(ownerBytes(entry))) return [];
  const now = new Map(readCollectable(entry).owners.map((owner) => [owner.uid, owner]));
  return readCollectable(previous).owners.filter((owner) => {
    const current = now.get(owner.uid);
    return current === undefined || (owner.blockOwnerDeletion === true && current.blockOwnerDeletion !== true);
  });
}

function ownerBytes({ body }: Entry): Buffer {
  const start = body.indexOf('"ownerReferences":[');
  return start === -1 ? body.subarray(0, 0) : body.subarray(start, body.indexOf(']', start));
}
