/**
 * How often a law is tried that needs more values than fast-check draws by itself: so often, or as often as PBT_RUNS asks for
 * if that is more. A plain number would stand against PBT_RUNS, and `pnpm soak` look no further than each run does.
 */
export const atLeast = (numRuns: number): { readonly numRuns: number } => ({
  numRuns: Math.max(numRuns, Number(process.env.PBT_RUNS ?? 0)),
});
