import { groupResourceName, type OwnerReference } from '@quarterdeck/apis';
import { CompactedError, type Entry, type StoreEvent, type StoreWatch } from '../../cache/store.ts';
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

const idleMs = 60_000;
const retryMs = 200;

/**
 * Turns changes of all resources into objects to look at: dependents of what goes, owners of what goes or lets go, and
 * whatever has owners or a finalizer of the collector's. Begins with a look at everything, and does so again when it
 * may have missed something (history gone, store reloaded). Resolves when the signal aborts.
 */
export async function followChanges(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, store } = options;
  while (!signal.aborted) {
    try {
      await followOnce(options, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CompactedError)) logger.warn({ err: error }, 'garbage collector lost its watch');
    }
    try {
      await clock.sleep(retryMs, signal);
      await store.fresh(signal);
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'garbage collector cannot read the store yet');
    }
  }
}

/** One watch per resource, new kinds included as they come; ends with the first that ends. */
async function followOnce(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { resources } = options;
  const round = new AbortController();
  const within = AbortSignal.any([signal, round.signal]);
  const running = new Map<string, Promise<void>>();
  const ended = Promise.withResolvers<void>();
  const followNew = () => {
    for (const type of within.aborted ? [] : resources.list()) {
      const resource = groupResourceName(type);
      if (running.has(resource)) continue;
      running.set(resource, followResource(resource, options, within).then(ended.resolve, ended.reject));
    }
  };
  using _registration = resources.onChange(followNew);
  try {
    followNew();
    await ended.promise;
  } finally {
    round.abort(new Error('the garbage collector begins anew'));
    await Promise.all(running.values());
  }
}

/** @throws CompactedError when events may have been missed */
async function followResource(resource: string, options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { store, onConcern } = options;
  const { entries, revision } = store.list({ resource });
  using watch: StoreWatch = store.watch({ resource, after: revision });
  for (const entry of entries) if (mayConcern(entry)) onConcern(entry.key);
  while (!signal.aborted) {
    for (const event of await watch.next(idleMs, signal)) handle(event, options);
  }
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
