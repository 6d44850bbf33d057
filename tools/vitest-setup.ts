/** Every property test replays with PBT_SEED and deepens with PBT_RUNS; a failure prints its seed and path. */
import { configureGlobal } from 'fast-check';

const seed = process.env.PBT_SEED;
const runs = process.env.PBT_RUNS;
configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
