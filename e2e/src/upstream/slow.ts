import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHubProcess } from '../harness/hub.ts';
import { tempDir } from '../harness/temp-dir.ts';
import type { SpecOutcome } from './report.ts';
import { runSuite } from './suite.ts';

/** What became of the slow tests, as the file says it. */
type SlowResult = { readonly outcomes: readonly SpecOutcome[] } | { readonly failure: string };

const file = (dir: string) => join(dir, 'slow-result.json');

export interface SlowRun extends AsyncDisposable {
  /** Where {@link slowOutcomes} finds the result. */
  readonly dir: string;
}

/**
 * Starts the tests that do little but wait for minutes, on a hub of their own, so that everything else can go on meanwhile.
 * Disposing of it ends them.
 */
export async function startSlowRun(names: readonly string[], timeoutMinutes: number): Promise<SlowRun> {
  const stack = new AsyncDisposableStack();
  const { path: dir } = stack.use(await tempDir());
  const hub = stack.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const stop = new AbortController();
  const suite = { kubeconfig: hub.kubeconfig, dir: join(dir, 'suite'), timeoutMinutes, signal: stop.signal };
  const running = runSuite(names, suite).then(
    (outcomes): SlowResult => ({ outcomes: [...outcomes.values()] }),
    (error: unknown): SlowResult => ({ failure: String(error) }),
  );
  const written = running.then(async (result) => {
    // Whole or not there: another process waits for it.
    await writeFile(`${file(dir)}.part`, JSON.stringify(result));
    await rename(`${file(dir)}.part`, file(dir));
  });
  stack.defer(async () => {
    stop.abort();
    await written.catch(() => undefined);
  });
  return { dir, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Waits for the end of a {@link startSlowRun}, in whatever process. @throws Error when it failed as a whole */
export async function slowOutcomes(dir: string): Promise<readonly SpecOutcome[]> {
  for (;;) {
    const text = await readFile(file(dir), 'utf8').catch(() => undefined);
    if (text === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const result = JSON.parse(text) as SlowResult;
    if ('failure' in result) throw new Error(result.failure);
    return result.outcomes;
  }
}
