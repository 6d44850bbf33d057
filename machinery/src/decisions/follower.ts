import { ClusterProfile, label, PlacementDecision, type Stored } from '@quarterdeck/apis';
import type { Reader } from '../client/client.ts';
import { createInformer } from '../client/informer.ts';
import { type Clock, systemClock, type Timer } from '../runtime/clock.ts';
import { type Logger, silentLogger } from '../runtime/logger.ts';
import { type DecidedCluster, type DecisionSlice, decidedClusterKey, decisionKeyOf, readDecision } from './decision.ts';
import { createDecisionMemory } from './memory.ts';
import type { HeldReading, SettledDecision } from './settle.ts';

/** A decision as a program acts on it. */
export interface FollowedDecision {
  /** Tells decisions apart: namespace and decision key. PD-19 */
  readonly key: string;
  readonly namespace: string;
  /** The workload that it is for; undefined: a decision that anybody may use. PD-3 */
  readonly placementKey: string | undefined;
  /** Labels of its first slice, for choosing what to follow. PD-5 */
  readonly labels: Readonly<Record<string, string>>;
  /** In the scheduler's order; those whose profile is missing included, for they are still chosen. PD-20, PD-22 */
  readonly clusters: readonly DecidedCluster[];
  /** Those of `clusters` without a ClusterProfile: report and skip them, and leave alone what runs there. PD-20 */
  readonly missing: readonly DecidedCluster[];
  readonly revision: string | undefined;
  /** It is over: withdraw everywhere. Told once, with no clusters. PD-18 */
  readonly ended: boolean;
  /** A change is not acted on yet; undefined: `clusters` is what stands in the slices. PD-23 */
  readonly held: HeldReading | undefined;
}

export interface DecisionFollowerOptions {
  /** Decisions move workloads, and whoever may write them there may: name the namespaces that are trusted. PD-25 */
  readonly namespaces: readonly string[];
  /** Slices of other schedulers are ignored; absent: any scheduler. PD-25 */
  readonly schedulerNames?: readonly string[];
  /** Selects slices by their labels; absent: all of the namespaces. PD-5 */
  readonly labelSelector?: string;
  /** Namespaces of the ClusterProfiles that decisions name; absent: missing profiles are not looked for. PD-20 */
  readonly profileNamespaces?: readonly string[];
  /** Default 30 s. PD-23 */
  readonly holdDownMs?: number;
  /** Called with each decision once it is known, and whenever it changes. What it throws is logged. */
  readonly onChange: (decision: FollowedDecision) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Follows PlacementDecisions: only reads. PD-17 to PD-26 */
export interface DecisionFollower {
  /** Runs until the signal aborts. Call once; never rejects. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when everything was read once; rejects with the signal's reason when stopped before. */
  readonly synced: Promise<void>;
  /** Whether everything was read once; before, nothing is known. */
  hasSynced(): boolean;
  /** Decisions that are known and not over, in the order of their keys. */
  list(): FollowedDecision[];
  /** A cluster's profile, frozen; undefined: missing, or not in `profileNamespaces`. */
  profileOf(cluster: DecidedCluster): Stored<ClusterProfile> | undefined;
}

/**
 * A live view of decisions that is safe to act on. Nothing is told before everything was read once; errors and broken watches
 * change nothing; half-written sets wait (`settle` says how long). PD-23
 */
export function createDecisionFollower(client: Reader, options: DecisionFollowerOptions): DecisionFollower {
  const { namespaces, labelSelector, profileNamespaces = [], clock = systemClock, logger = silentLogger } = options;
  const slices = namespaces.map((namespace) =>
    createInformer(client, PlacementDecision, {
      clock,
      logger,
      namespace,
      index: { decision: (slice) => [decisionKeyOf(slice)] },
      ...(labelSelector === undefined ? {} : { labelSelector }),
    }),
  );
  const profiles = profileNamespaces.map((namespace) =>
    createInformer(client, ClusterProfile, { clock, logger, namespace }),
  );
  const informers = [...slices, ...profiles];
  const memory = createDecisionMemory(options.holdDownMs);
  const known = new Map<string, FollowedDecision>();
  const waits = new Map<string, Timer>();
  const synced = Promise.all(informers.map((informer) => informer.synced)).then(() => undefined);
  // Whoever awaits it sees the rejection; nobody has to.
  synced.catch(() => undefined);
  const hasSynced = () => informers.every((informer) => informer.hasSynced());

  const isOurs = ({ schedulerName }: DecisionSlice): boolean =>
    options.schedulerNames === undefined || options.schedulerNames.includes(schedulerName ?? '');
  const profileOf = (cluster: DecidedCluster): Stored<ClusterProfile> | undefined =>
    profiles.map((informer) => informer.get(decidedClusterKey(cluster))).find((found) => found !== undefined);
  const isMissing = (cluster: DecidedCluster): boolean =>
    profileNamespaces.includes(cluster.namespace) && profileOf(cluster) === undefined;
  const slicesOf = (key: string): DecisionSlice[] =>
    slices.flatMap((informer) => informer.byIndex('decision', key)).filter(isOurs);

  function look(key: string): void {
    if (!hasSynced()) return;
    const group = slicesOf(key);
    // A decision of which nothing was ever seen is not one that ended.
    if (group.length === 0 && !known.has(key) && !waits.has(key)) return;
    waits.get(key)?.cancel();
    waits.delete(key);
    const now = clock.monotonic();
    const settled = memory.settle(key, readDecision(group), now);
    if (settled.held !== undefined) {
      const timer = clock.after(Math.max(1, settled.held.until - now), () => look(key));
      waits.set(key, timer);
    }
    if (settled.ended) memory.forget(key);
    if (settled.clusters !== undefined) tell(followed(key, group, settled, settled.clusters));
  }

  function lookAtAll(): void {
    const keys = slices.flatMap((informer) => informer.list().map(decisionKeyOf));
    for (const key of new Set([...keys, ...known.keys()])) look(key);
  }

  function followed(
    key: string,
    group: readonly DecisionSlice[],
    settled: SettledDecision,
    clusters: readonly DecidedCluster[],
  ): FollowedDecision {
    const labels = group[0]?.metadata.labels ?? known.get(key)?.labels ?? {};
    return {
      key,
      namespace: key.slice(0, key.indexOf('/')),
      placementKey: labels[label.placementKey],
      labels,
      clusters,
      missing: clusters.filter(isMissing),
      revision: settled.revision,
      ended: settled.ended,
      held: settled.held,
    };
  }

  function tell(decision: FollowedDecision): void {
    const before = known.get(decision.key);
    if (decision.ended) known.delete(decision.key);
    else known.set(decision.key, decision);
    if (before === undefined ? decision.ended : isSame(before, decision)) return;
    try {
      options.onChange(decision);
    } catch (error) {
      logger.error({ err: error, decision: decision.key }, 'a handler of decisions failed');
    }
  }

  return {
    synced,
    hasSynced,
    profileOf,
    list: () => [...known.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    async start(signal) {
      const unsubscribe = [
        ...slices.map((informer) =>
          informer.subscribe(({ object, old }) => {
            look(decisionKeyOf(object));
            if (old !== undefined && decisionKeyOf(old) !== decisionKeyOf(object)) look(decisionKeyOf(old));
          }),
        ),
        ...profiles.map((informer) =>
          informer.subscribe(({ type }) => {
            if (type !== 'modified') lookAtAll();
          }),
        ),
      ];
      // Whichever load is the last: only then anything can be told.
      for (const informer of informers) informer.synced.then(lookAtAll, () => undefined);
      await Promise.all(informers.map((informer) => informer.start(signal)));
      for (const timer of waits.values()) timer.cancel();
      for (const each of unsubscribe) each();
    },
  };
}

const isSame = (a: FollowedDecision, b: FollowedDecision): boolean => fingerprint(a) === fingerprint(b);

const fingerprint = ({ clusters, missing, revision, held }: FollowedDecision): string =>
  [
    clusters.map(decidedClusterKey).join(),
    missing.map(decidedClusterKey).join(),
    revision ?? '',
    held === undefined ? '' : `${held.why} ${held.since}`,
  ].join(' ');
