import { AppliedWork, HealthRule, Work, WorkReport } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createInformer,
  type EpochMs,
  type Logger,
  type Metrics,
} from '@quarterdeck/machinery';
import { cachedInformer } from './cache/cached-informer.ts';
import { keepCache } from './cache/keep-cache.ts';
import type { KnownHub, WorkCache } from './cache/work-cache.ts';
import { appliedWorkIndex, workIndex, worksOfObject } from './controllers/work/claims.ts';
import { workController } from './controllers/work/controller.ts';
import { createFieldReader } from './controllers/work/field-reader.ts';
import { createHeldFields } from './controllers/work/held-fields.ts';
import { historyOfWorks } from './controllers/work/history-of-works.ts';
import { type HubHistory, readHistory } from './controllers/work/hub-history.ts';
import { createHubSecrets } from './controllers/work/hub-secrets.ts';
import { endIdleWatches } from './controllers/work/idle-watches.ts';
import { kindFeedback } from './controllers/work/kind-feedback.ts';
import { createLastValues } from './controllers/work/last-values.ts';
import type { NamespaceDefault } from './controllers/work/options.ts';
import { createOwnWrites } from './controllers/work/own-writes.ts';
import { createRepairGuard } from './controllers/work/repair-guard.ts';
import { createReportPace } from './controllers/work/report-pace.ts';
import { createRetryBook } from './controllers/work/retry-book.ts';
import { createSuperseded } from './controllers/work/superseded.ts';
import { createPodLooks } from './controllers/work/unschedulable.ts';
import { createUntoldRepairs } from './controllers/work/untold.ts';
import type { Leaving } from './controllers/work/withdraw.ts';
import { healthJudge } from './health/own-rules.ts';
import { createDiscovery } from './member/discovery.ts';
import { createExecutors } from './member/executors.ts';
import { createWatchers } from './member/watchers.ts';
import type { HubPauses } from './pauses.ts';

export interface WorksOptions {
  readonly hubClient: Client;
  /** The member's API, with the agent's own rights: for its journal. */
  readonly memberClient: Client;
  /** The member's API as the default executor, with the rights that Works may use. Default: `memberClient`. DL-30 */
  readonly executorClient?: Client;
  /** The member's API as another user; absent: Works cannot name an executor. DL-30 */
  readonly clientAs?: (userName: string) => Client;
  /** The member's namespace on the hub. */
  readonly hubNamespace: string;
  readonly hubUID: string;
  /** Whether the member is leaving the fleet, and what then becomes of what it has. @throws ApiError when the hub cannot say */
  readonly isLeaving: (signal: AbortSignal) => Promise<Leaving>;
  /**
   * What Works of the namespace are executed as when they name nobody, as the hub says; undefined: it has not said yet. Default:
   * it says that there is none. DL-30
   */
  readonly namespaceDefault?: () => NamespaceDefault | undefined;
  /** What the hub says of its history, as it was last heard. Default: nothing. RG-10 */
  readonly history?: () => HubHistory;
  /** The same, asked of the hub just now. Default: as it was last heard. @throws ApiError when the hub cannot say */
  readonly askHistory?: (signal: AbortSignal, anew?: boolean) => Promise<HubHistory>;
  /** Calls back when the hub has said something else of the default executor or of its history. Default: it never does. */
  readonly onHubWord?: (listener: () => void) => void;
  /** When the present registration of the member was made, by the hub's clock. Default: not known. RG-41 */
  readonly registeredAt?: () => EpochMs | undefined;
  /** How long objects of a Work that is missing from the hub stay, ms, or for ever. Default 3,600,000. DL-8 */
  readonly evictionGraceMs?: number | 'never';
  /** Keeps what the hub said over restarts; absent: nothing is kept. F-14 */
  readonly cache?: { readonly store: WorkCache; readonly hubUrl: string; readonly known: KnownHub | undefined };
  /** Before the hub is asked again. Default: as long as each part waits. */
  readonly pauses?: HubPauses;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of what is read from the hub. Default: `logger`. */
  readonly hubLogger?: Logger;
  readonly metrics: Metrics;
}

/** Keeps the member as the Works of its namespace say. Ends with the signal. */
export async function runWorks(options: WorksOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, hubNamespace, hubUID, clock, logger } = options;
  const common = { clock, logger };
  const toHub = { clock, logger: options.hubLogger ?? logger };
  const ofHub = { ...toHub, ...(options.pauses === undefined ? {} : { pause: options.pauses.pause }) };
  // Not by the rules: a hub that lacks their kind is there all the same.
  const { pause, isAway } = awayAtFirst(options, signal);
  const ownOnHub = { ...toHub, pause, namespace: hubNamespace };
  const liveWorks = createInformer(hubClient, Work, { ...ownOnHub, index: workIndex });
  const liveReports = createInformer(hubClient, WorkReport, ownOnHub);
  const known = options.cache?.known;
  const works = known === undefined ? liveWorks : cachedInformer(liveWorks, known.works, { index: workIndex, isAway });
  const reports = known === undefined ? liveReports : cachedInformer(liveReports, known.reports, { isAway });
  const appliedWorks = createInformer(memberClient, AppliedWork, { ...common, index: appliedWorkIndex });
  const view = (client: Client) => ({
    discovery: createDiscovery({ memberClient: client, clock }),
    watchers: createWatchers({
      memberClient: client,
      ...common,
      signal,
      onChange: (type, object) => {
        for (const key of worksOfObject({ works, appliedWorks, hubUID }, type, object)) controller.enqueue(key);
      },
    }),
  });
  // Nobody waits for them: a hub without such rules, or that is away, leaves the agent with its own.
  const liveRules = createInformer(hubClient, HealthRule, ofHub);
  const healthRules = known?.healthRules === undefined ? liveRules : cachedInformer(liveRules, known.healthRules);
  const lookAtAll = () => {
    for (const { metadata } of works.list()) controller.enqueue(`${metadata.namespace}/${metadata.name}`);
  };
  const history = options.history ?? (() => readHistory(undefined));
  const askHistory = options.askHistory ?? (() => Promise.resolve(history()));
  const { evictionGraceMs = 3_600_000 } = options;
  const namespaceDefault = options.namespaceDefault ?? (() => ({ serviceAccount: undefined }));
  const executors = createExecutors({
    defaultClient: options.executorClient ?? memberClient,
    clientAs: options.clientAs,
    view,
  });
  const controller = workController({
    ...options,
    namespaceDefault: () => namespaceDefault() ?? known?.namespaceDefault,
    secrets: createHubSecrets({ hubClient, hubNamespace, ...common }),
    executors,
    healthOf: healthJudge(() => healthRules.list()),
    held: createHeldFields(),
    superseded: createSuperseded(),
    guard: createRepairGuard(),
    pace: createReportPace(),
    retries: createRetryBook(),
    untold: createUntoldRepairs(),
    ownWrites: createOwnWrites(),
    pods: createPodLooks(clock),
    readField: createFieldReader(),
    kindFeedback: kindFeedback(() => (healthRules.hasSynced() ? healthRules.list() : undefined)),
    lastValues: createLastValues(),
    works,
    appliedWorks,
    reports,
    historyFor: historyOfWorks({ works: liveWorks, history, askHistory }),
    askHistory,
    evictionGraceMs: evictionGraceMs === 'never' ? undefined : evictionGraceMs,
  });
  // Only now: what is known already is told of at once.
  healthRules.subscribe(lookAtAll);
  healthRules.synced.then(lookAtAll, () => {}); // that there are none is known by no change
  options.onHubWord?.(lookAtAll);
  options.pauses?.onReturn(lookAtAll);
  controller.start(signal);
  const keeping =
    options.cache === undefined
      ? []
      : [
          keepCache(
            {
              cache: options.cache.store,
              hub: { hubUrl: options.cache.hubUrl, hubUID, hubNamespace },
              namespaceDefault: () => namespaceDefault() ?? known?.namespaceDefault,
              works: liveWorks,
              reports: liveReports,
              healthRules,
              ...common,
            },
            signal,
          ),
        ];
  const informers = [liveWorks, liveReports, appliedWorks, liveRules].map((informer) => informer.start(signal));
  const tidying = endIdleWatches({ executors, appliedWorks, hubUID, ...common }, signal);
  await Promise.all([...informers, ...keeping, tidying, controller.stopped]);
}

/** How long a hub that says nothing may be about to answer. */
const headStartMs = 5_000;

/** The pauses of requests to the hub, of which the first says that it is away; so does its silence. F-14 */
function awayAtFirst({ pauses, clock }: WorksOptions, signal: AbortSignal) {
  const found = Promise.withResolvers<void>();
  clock.sleep(headStartMs, signal).then(found.resolve, found.resolve);
  const sleep = pauses?.pause ?? ((ms: number, ended: AbortSignal) => clock.sleep(ms, ended));
  return {
    isAway: found.promise,
    pause(ms: number, ended: AbortSignal): Promise<void> {
      found.resolve();
      return sleep(ms, ended);
    },
  };
}
