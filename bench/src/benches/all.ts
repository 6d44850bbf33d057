import type { Bench } from '../report/result.ts';
import { agentApply } from './agent-apply.ts';
import { apiCrud } from './api-crud.ts';
import { apiList } from './api-list.ts';
import { coldStart } from './cold-start.ts';
import { crashRecovery } from './crash-recovery.ts';
import { fanOut } from './fan-out.ts';
import { heartbeatSoak } from './heartbeat-soak.ts';
import { memoryPerCluster } from './memory.ts';
import { placementBurst } from './placement-burst.ts';
import { scheduler } from './scheduler.ts';
import { storm } from './storm.ts';
import { tunnel } from './tunnel.ts';
import { watchFanout } from './watch-fanout.ts';
import { watchResume } from './watch-resume.ts';

/** In the order of the specification. */
export const benches: readonly Bench[] = [
  apiCrud,
  apiList,
  watchFanout,
  watchResume,
  fanOut,
  scheduler,
  placementBurst,
  heartbeatSoak,
  agentApply,
  memoryPerCluster,
  coldStart,
  crashRecovery,
  tunnel,
  storm,
];
