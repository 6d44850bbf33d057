import { apiError, hubFieldManager, MemberCluster, type MemberClusterStatus, type Stored } from '@quarterdeck/apis';
import { type Client, type Clock, compareRevisions, type Informer } from '@quarterdeck/machinery';
import { equalParts } from '../equal.ts';
import { mergeStatus } from './merge-status.ts';

/**
 * The one way by which this process changes the status of MemberClusters. Controllers decide side by side, each about
 * conditions and fields of its own; their changes of one member that come together are one write, and none is refused because
 * another was first. Each write carries the newest version that is known, so it never undoes what others wrote. RL-4
 */
export interface MemberStatusLane {
  /**
   * Resolves when the change stands; one that stands already is not written.
   * @param before what the decision was made upon
   * @throws ApiError Conflict when the same parts were changed otherwise since: decide anew; or what the write threw
   */
  change(before: Stored<MemberCluster>, status: MemberClusterStatus, signal: AbortSignal): Promise<void>;
}

export interface StatusLaneOptions {
  readonly hubClient: Client;
  readonly members: Pick<Informer<MemberCluster>, 'get' | 'subscribe'>;
  readonly clock: Clock;
}

/** What one event brings about, in whichever controller, comes within this time. */
const gatherMs = 10;

interface Change {
  readonly before: Stored<MemberCluster>;
  readonly status: MemberClusterStatus;
  readonly signal: AbortSignal;
  readonly done: PromiseWithResolvers<void>;
}

export function createMemberStatusLane({ hubClient, members, clock }: StatusLaneOptions): MemberStatusLane {
  /** What waits, by the name of the member; an entry while there is somebody who writes. */
  const waiting = new Map<string, Change[]>();
  /** What was written last, as long as the cache is behind. */
  const written = new Map<string, Stored<MemberCluster>>();
  members.subscribe(({ type, object }) => {
    const own = written.get(object.metadata.name);
    if (own !== undefined && (type === 'deleted' || !isNewer(own, object))) written.delete(object.metadata.name);
  });

  /** A decision may rest on what was read live, newer than the cache. */
  function newestOf(name: string, changes: readonly Change[]): Stored<MemberCluster> | undefined {
    const known = [members.get(name), written.get(name), ...changes.map(({ before }) => before)];
    return known.reduce((best, each) =>
      each !== undefined && (best === undefined || isNewer(each, best)) ? each : best,
    );
  }

  async function writeTogether(name: string, changes: readonly Change[]): Promise<void> {
    const newest = newestOf(name, changes);
    if (newest === undefined) return;
    let status = newest.status;
    const taken = changes.filter((change) => {
      const isSame = change.before.metadata.uid === newest.metadata.uid;
      const merged = isSame ? mergeStatus(change.before.status, change.status, status) : undefined;
      if (merged === undefined) change.done.reject(stale(name));
      else status = merged;
      return merged !== undefined;
    });
    const [first] = taken;
    if (first === undefined) return;
    try {
      if (status !== undefined && !equalParts(status, newest.status)) {
        const how = { fieldManager: hubFieldManager, fieldValidation: 'Strict', signal: first.signal } as const;
        const result = await hubClient.update(MemberCluster, { ...newest, status }, { ...how, subresource: 'status' });
        const shown = members.get(name);
        if (shown === undefined || isNewer(result, shown)) written.set(name, result);
      }
      for (const { done } of taken) done.resolve();
    } catch (error) {
      for (const { done } of taken) done.reject(error);
    }
  }

  async function drain(name: string, changes: Change[], signal: AbortSignal): Promise<void> {
    await clock.sleep(gatherMs, signal).catch(() => undefined);
    while (changes.length > 0) await writeTogether(name, changes.splice(0));
    waiting.delete(name);
  }

  return {
    change(before, status, signal) {
      const { name } = before.metadata;
      const change = { before, status, signal, done: Promise.withResolvers<void>() };
      const others = waiting.get(name);
      if (others !== undefined) others.push(change);
      else {
        const changes = [change];
        waiting.set(name, changes);
        void drain(name, changes, signal);
      }
      return change.done.promise;
    },
  };
}

const isNewer = (a: Stored<MemberCluster>, b: Stored<MemberCluster>): boolean =>
  (compareRevisions(a.metadata.resourceVersion, b.metadata.resourceVersion) ?? 0) > 0;

const stale = (name: string) =>
  apiError('Conflict', `the status of MemberCluster ${name} was changed meanwhile: to be decided anew`);
