import type { AgentIdentityMake } from '@quarterdeck/apis';
import type { Client, Clock, Logger, Metrics } from '@quarterdeck/machinery';
import type { MemberStatusLane } from '../controllers/member-cluster/status-lane.ts';
import type { FleetCaches } from './caches.ts';

/** What a controller of the fleet is given. It knows a client and caches, never storage or HTTP. */
export interface Fleet {
  readonly hubClient: Client;
  readonly caches: FleetCaches;
  /** By which every controller changes the status of members. */
  readonly memberStatus: MemberStatusLane;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Identity of this hub, kept in its data; names of ownership on members derive from it. RG-9 */
  readonly hubUID: string;
  /** Which history the hub's data is of: another one after a restore. Absent on a Kubernetes hub, which does not tell. RG-10 */
  readonly hubEpoch?: () => string;
  /** What agents get to prove who they are. RG-7 */
  readonly agentIdentity: AgentIdentityMake;
  /** How consumers reach this hub; absent on a Kubernetes hub without a port of its own. RG-53 */
  readonly access?: HubAccess;
}

/** Where a hub is reached, and by which CAs it is known. */
export interface HubAccess {
  readonly url: string;
  /** PEM; changes with a rotation. */
  caPem(): string;
}
