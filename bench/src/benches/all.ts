import type { Bench } from '../report/result.ts';
import { apiCrud } from './api-crud.ts';
import { coldStart } from './cold-start.ts';
import { fanOut } from './fan-out.ts';
import { scheduler } from './scheduler.ts';

/** In the order of the specification. */
export const benches: readonly Bench[] = [apiCrud, fanOut, scheduler, coldStart];
