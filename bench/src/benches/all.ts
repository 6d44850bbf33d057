import type { Bench } from '../report/result.ts';
import { agentApply } from './agent-apply.ts';
import { apiCrud } from './api-crud.ts';
import { coldStart } from './cold-start.ts';
import { crashRecovery } from './crash-recovery.ts';
import { fanOut } from './fan-out.ts';
import { placementBurst } from './placement-burst.ts';
import { scheduler } from './scheduler.ts';

/** In the order of the specification. */
export const benches: readonly Bench[] = [
  apiCrud,
  fanOut,
  scheduler,
  placementBurst,
  agentApply,
  coldStart,
  crashRecovery,
];
