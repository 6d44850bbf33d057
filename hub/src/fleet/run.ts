import { type AgentIdentityMake, hubLeaderLeaseName, systemNamespace } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createMetrics,
  fencedClient,
  type Logger,
  type Metrics,
  runWithLease,
} from '@quarterdeck/machinery';
import { fleetControllers } from '../controllers/all.ts';
import { createMemberStatusLane } from '../controllers/member-cluster/status-lane.ts';
import { createFleetCaches } from './caches.ts';
import type { HubAccess } from './fleet.ts';

export interface FleetOptions {
  /** A client under the hub's own identity. */
  readonly hubClient: Client;
  readonly hubUID: string;
  /** Absent on a Kubernetes hub. RG-10 */
  readonly hubEpoch?: () => string;
  /** Absent on a Kubernetes hub. */
  readonly access?: HubAccess;
  /** Default certificate. RG-7 */
  readonly agentIdentity?: AgentIdentityMake;
  /** Unique per process. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Holders of the Lease that are known to be gone. Default: nobody. */
  readonly isGone?: (holder: string) => boolean;
}

/**
 * Runs the controllers of the fleet while this process holds the hub's Lease, again and again, until the signal aborts.
 * Their client refuses writes once the Lease may have expired. RL-4, KA-146
 */
export async function runFleet(options: FleetOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, clock, logger, metrics = createMetrics(), agentIdentity = 'certificate' } = options;
  await runWithLease({
    client: hubClient,
    namespace: systemNamespace,
    name: hubLeaderLeaseName,
    identity: options.identity,
    clock,
    logger,
    signal,
    ...(options.isGone === undefined ? {} : { isGone: options.isGone }),
    async onStarted(term, lease) {
      const fenced = fencedClient(hubClient, lease);
      const caches = createFleetCaches({ hubClient: fenced, clock, logger, agentIdentity });
      const about = { hubUID: options.hubUID, agentIdentity, ...ownOf(options) };
      const memberStatus = createMemberStatusLane({ hubClient: fenced, members: caches.members, clock });
      const fleet = { hubClient: fenced, caches, memberStatus, clock, logger, metrics, ...about };
      const controllers = fleetControllers.map((create) => create(fleet));
      for (const controller of controllers) controller.start(term);
      const informers = Object.values(caches).map((informer) => informer.start(term));
      logger.info({ controllers: controllers.length }, 'this hub runs the fleet controllers');
      await Promise.all([...informers, ...controllers.map(({ stopped }) => stopped)]);
    },
  });
}

/** What only a hub of our own knows of itself. */
const ownOf = ({ access, hubEpoch }: FleetOptions) => ({
  ...(access === undefined ? {} : { access }),
  ...(hubEpoch === undefined ? {} : { hubEpoch }),
});
