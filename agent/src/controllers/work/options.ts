import type { AppliedWork, Work, WorkReport } from '@quarterdeck/apis';
import type { Client, Clock, Informer, Logger, Metrics } from '@quarterdeck/machinery';
import type { Discovery } from '../../member/discovery.ts';
import type { Watchers } from '../../member/watchers.ts';
import type { Settled } from './settled.ts';

export interface WorkControllerOptions {
  readonly hubClient: Client;
  readonly memberClient: Client;
  readonly discovery: Discovery;
  readonly watchers: Watchers;
  readonly settled: Settled;
  /** Works of the member's namespace, by `object` ({@link identitiesOf}). */
  readonly works: Informer<Work>;
  /** Every AppliedWork on the member, by `label` and `object` (see claims.ts). */
  readonly appliedWorks: Informer<AppliedWork>;
  /** WorkReports of the member's namespace. */
  readonly reports: Informer<WorkReport>;
  readonly hubUID: string;
  /** Whether this member is leaving the fleet. @throws ApiError when the hub cannot say */
  readonly isLeaving: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Works worked on at once. Default 8. */
  readonly concurrency?: number;
}

/** One look at one Work. `logger` is that of the reconcile. */
export interface Pass extends WorkControllerOptions {
  readonly signal: AbortSignal;
}

/** How soon to look again at what only time, or somebody else, can mend. */
export const retryMs = { unknownKind: 5_000, refused: 30_000, goingMin: 1_000, goingMax: 30_000 } as const;
