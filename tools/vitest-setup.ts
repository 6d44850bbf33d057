/**
 * Property tests draw the same values each time, so that a commit has one answer: `pnpm soak` is what looks for more.
 * PBT_SEED draws others or replays a failure, which prints its seed and path; PBT_RUNS deepens.
 */
import { configureGlobal } from 'fast-check';

const seed = process.env.PBT_SEED ?? '1';
const runs = process.env.PBT_RUNS;
configureGlobal({
  seed: Number(seed),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
