import { ClusterProfile, findCondition, propertyName } from '@quarterdeck/apis';
import {
  type Clock,
  createController,
  createInformer,
  createMetrics,
  encodeJson,
  type Logger,
  type Metrics,
  type Reader,
  Result,
  systemClock,
  TerminalError,
} from '@quarterdeck/machinery';
import type { ClusterAccess, ClusterConnection } from './cluster-access.ts';
import { planIdentity } from './connection.ts';
import { AccessError } from './errors.ts';

/** A member cluster that a consumer works with. */
export interface EngagedCluster {
  /** `namespace/name` of its profile. CP-42 */
  readonly key: string;
  readonly profile: ClusterProfile;
  readonly connection: ClusterConnection;
  /** Aborts when the cluster is disengaged: its profile is gone, or is reached another way now. CP-44 */
  readonly signal: AbortSignal;
}

export interface FollowClustersOptions {
  /** Reads the ClusterProfiles of the hub: get, list, watch. */
  readonly hubClient: Reader;
  readonly access: ClusterAccess;
  /** Default: all that the identity may list. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Default: the condition ControlPlaneHealthy is True. A cluster stays engaged when it stops being ready. CP-43 */
  readonly ready?: (profile: ClusterProfile) => boolean;
  /** A cluster is there. Rejecting means: not engaged, try again later. */
  readonly engage: (cluster: EngagedCluster) => Promise<void> | void;
  readonly clock?: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** CP-43 */
const notReadyPauseMs = 10_000;

/** Whether a profile says that its cluster works. CP-43 */
export const isControlPlaneHealthy = ({ status }: ClusterProfile): boolean =>
  findCondition(status?.conditions ?? [], 'ControlPlaneHealthy')?.status === 'True';

/**
 * Keeps a consumer engaged with every ready cluster of an inventory: engages new ones, keeps those whose profile changed
 * in nothing that matters to the connection, reconnects those whose settings changed, and lets go of deleted ones. Two profiles
 * of one cluster are two targets, with a warning. CP-42 to CP-46, CI-9
 * @returns when the signal has aborted and every cluster is disengaged
 */
export async function followClusters(options: FollowClustersOptions, signal: AbortSignal): Promise<void> {
  const { access, engage, ready = isControlPlaneHealthy, clock = systemClock, logger } = options;
  const profiles = createInformer(options.hubClient, ClusterProfile, {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    clock,
    logger,
  });
  const engaged = new Map<string, Engaged>();

  async function disengage(key: string, why: string): Promise<void> {
    const known = engaged.get(key);
    if (known === undefined) return;
    engaged.delete(key);
    known.stop.abort(new Error(why));
    await known.connection[Symbol.asyncDispose]();
    logger.info({ cluster: key, why }, 'disengaged a cluster');
  }

  async function reconcile(key: string): Promise<Result> {
    const profile = profiles.get(key);
    if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) {
      await disengage(key, 'its profile was deleted');
      return Result.done;
    }
    if (engaged.get(key)?.connection.identity === identityOf(access, profile)) return Result.done;
    await disengage(key, 'its connection settings changed');
    if (!ready(profile)) return Result.after(notReadyPauseMs);
    const connection = access.connect(profile);
    const stop = new AbortController();
    try {
      await engage({ key, profile, connection, signal: stop.signal });
    } catch (cause) {
      stop.abort(cause);
      await connection[Symbol.asyncDispose]();
      throw cause;
    }
    const place = placeOf(connection, profile);
    const twin = [...engaged].find(([, other]) => other.place === place)?.[0];
    if (twin !== undefined)
      logger.warn({ cluster: key, twin }, 'two profiles lead to one cluster: both are worked with');
    engaged.set(key, { connection, stop, place });
    logger.info({ cluster: key, provider: connection.plan.provider }, 'engaged a cluster');
    return Result.done;
  }

  const controller = createController({
    name: 'access.clusters',
    primary: profiles,
    reconciler: { reconcile },
    concurrency: 4,
    clock,
    logger,
    metrics: options.metrics ?? createMetrics(),
  });
  controller.start(signal);
  await Promise.all([profiles.start(signal), controller.stopped]);
  await Promise.all([...engaged.keys()].map((key) => disengage(key, 'the consumer is stopping')));
}

interface Engaged {
  readonly connection: ClusterConnection;
  readonly stop: AbortController;
  readonly place: string;
}

/** Which cluster it is: by its id in its set where it says both, else by where it is reached. CI-9 */
function placeOf({ plan }: ClusterConnection, { status }: ClusterProfile): string {
  const said = [propertyName.clusterSet, propertyName.clusterId].map(
    (wanted) => status?.properties?.find(({ name }) => name === wanted)?.value,
  );
  return encodeJson(said.includes(undefined) ? [plan.server, plan.caPem ?? ''] : (said as string[]));
}

/** A profile that does not fit the provider file stays so until one of them changes: no use in trying again. */
function identityOf(access: ClusterAccess, profile: ClusterProfile): string {
  try {
    return planIdentity(access.plan(profile));
  } catch (cause) {
    if (cause instanceof AccessError) throw new TerminalError(cause.message, { cause });
    throw cause;
  }
}
