import type { AppliedWork, Work, WorkReport } from '@quarterdeck/apis';
import type { Client, Clock, EpochMs, Informer, Logger, Metrics } from '@quarterdeck/machinery';
import type { HealthJudge } from '../../health/own-rules.ts';
import type { Executors } from '../../member/executors.ts';
import type { FieldSources } from './fields-of-results.ts';
import type { HeldFields } from './held-fields.ts';
import type { HistoryOfWork } from './history-of-works.ts';
import type { HubHistory } from './hub-history.ts';
import type { HubSecrets } from './hub-secrets.ts';
import type { OwnWrites } from './own-writes.ts';
import type { RepairGuard } from './repair-guard.ts';
import type { ReportPace } from './report-pace.ts';
import type { RetryBook } from './retry-book.ts';
import type { Superseded } from './superseded.ts';
import type { PodLooks } from './unschedulable.ts';
import type { UntoldRepairs } from './untold.ts';
import type { Leaving } from './withdraw.ts';

/** @see annotation.defaultExecutor */
export interface NamespaceDefault {
  /** `namespace/name`; absent: there is none, so the member's own default counts. */
  readonly serviceAccount?: string | undefined;
}

export interface WorkControllerOptions extends FieldSources {
  readonly hubClient: Client;
  /** The agent's own, for its journal. */
  readonly memberClient: Client;
  /** The identities that Works are executed as, each with its own view of the member. DL-30 */
  readonly executors: Executors;
  /** What the Works of this namespace are executed as when they name nobody. Undefined: it is not known yet. DL-30 */
  readonly namespaceDefault: () => NamespaceDefault | undefined;
  readonly secrets: HubSecrets;
  readonly healthOf: HealthJudge;
  readonly held: HeldFields;
  readonly superseded: Superseded;
  readonly guard: RepairGuard;
  readonly pace: ReportPace;
  readonly retries: RetryBook;
  readonly untold: UntoldRepairs;
  readonly ownWrites: OwnWrites;
  readonly pods: PodLooks;
  /** Works of the member's namespace, by `object` ({@link identitiesOf}). */
  readonly works: Informer<Work>;
  /** Every AppliedWork on the member, by `label` and `object` (see claims.ts). */
  readonly appliedWorks: Informer<AppliedWork>;
  /** WorkReports of the member's namespace. */
  readonly reports: Informer<WorkReport>;
  readonly hubUID: string;
  /** Whether this member is leaving the fleet, and how. @throws ApiError when the hub cannot say */
  readonly isLeaving: (signal: AbortSignal) => Promise<Leaving>;
  /** Of the Works as they were loaded last; see {@link historyOfWorks}. @throws ApiError when the hub cannot say */
  readonly historyFor: (isDelivered: boolean, signal: AbortSignal) => Promise<HistoryOfWork>;
  /** The same, asked of the hub just now. @throws ApiError when the hub cannot say */
  readonly askHistory: (signal: AbortSignal) => Promise<HubHistory>;
  /** When the present registration of the member was made, by the hub's clock. Default: not known. RG-41 */
  readonly registeredAt?: () => EpochMs | undefined;
  /** How long objects of a Work that is missing from the hub stay, ms; undefined: for ever. DL-8 */
  readonly evictionGraceMs: number | undefined;
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
export const retryMs = { unknownKind: 5_000, goingMin: 1_000, goingMax: 30_000, poll: 30_000, hubAway: 5_000 } as const;
