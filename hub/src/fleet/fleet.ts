import type { Client, Clock, Logger, Metrics } from '@quarterdeck/machinery';
import type { FleetCaches } from './caches.ts';

/** What a controller of the fleet is given. It knows a client and caches, never storage or HTTP. */
export interface Fleet {
  readonly hubClient: Client;
  readonly caches: FleetCaches;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Identity of this hub, kept in its data; names of ownership on members derive from it. RG-9 */
  readonly hubUID: string;
}
