import { AppliedWork, Work, WorkReport } from '@quarterdeck/apis';
import { type Client, type Clock, createInformer, type Logger, type Metrics } from '@quarterdeck/machinery';
import { appliedWorkIndex, workIndex, worksOfObject } from './controllers/work/claims.ts';
import { workController } from './controllers/work/controller.ts';
import { createSettled } from './controllers/work/settled.ts';
import { createDiscovery } from './member/discovery.ts';
import { createWatchers } from './member/watchers.ts';

export interface WorksOptions {
  readonly hubClient: Client;
  /** The member's API, with the rights that Works may use. */
  readonly memberClient: Client;
  /** The member's namespace on the hub. */
  readonly hubNamespace: string;
  readonly hubUID: string;
  /** Whether the member is leaving the fleet: nothing is taken off it then. @throws ApiError when the hub cannot say */
  readonly isLeaving: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Keeps the member as the Works of its namespace say. Ends with the signal. */
export async function runWorks(options: WorksOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, memberClient, hubNamespace, hubUID, clock, logger } = options;
  const common = { clock, logger };
  const works = createInformer(hubClient, Work, { ...common, namespace: hubNamespace, index: workIndex });
  const reports = createInformer(hubClient, WorkReport, { ...common, namespace: hubNamespace });
  const appliedWorks = createInformer(memberClient, AppliedWork, { ...common, index: appliedWorkIndex });
  const discovery = createDiscovery({ memberClient, clock });
  const watchers = createWatchers({
    memberClient,
    ...common,
    signal,
    onChange: (type, object) => {
      for (const key of worksOfObject({ works, appliedWorks, hubUID }, type, object)) controller.enqueue(key);
    },
  });
  const settled = createSettled();
  const controller = workController({ ...options, discovery, watchers, settled, works, appliedWorks, reports });
  controller.start(signal);
  await Promise.all([...[works, reports, appliedWorks].map((informer) => informer.start(signal)), controller.stopped]);
}
