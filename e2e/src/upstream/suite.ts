import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from '../harness/run.ts';
import { startProcess } from '../kube/process.ts';
import { commandLineTools } from '../kube/tools.ts';
import { upstreamBinaries } from './binaries.ts';
import type { Groups } from './groups.ts';
import { type Outcomes, readOutcomes } from './report.ts';

export interface SuiteOptions {
  /** Of an administrator of the API server under test. */
  readonly kubeconfig: string;
  /** Outcomes and logs go here. */
  readonly dir: string;
  /** Default: four for each core, because most tests wait most of the time. */
  readonly procs?: number;
  /** The run is cut off after this. Default an hour. */
  readonly timeoutMinutes?: number;
  readonly progress?: (line: string) => void;
  /** Ends the run. */
  readonly signal?: AbortSignal;
}

/**
 * Runs both groups at the same time.
 * @throws Error when no test of a group ended, with what Ginkgo said
 */
export async function runGroups({ quick, slow }: Groups, options: SuiteOptions): Promise<Outcomes> {
  await upstreamBinaries(options.progress);
  const outcomes = await Promise.all([
    runSuite(quick, { ...options, dir: join(options.dir, 'quick') }),
    runSuite(slow, { ...options, dir: join(options.dir, 'slow') }),
  ]);
  return new Map(outcomes.flatMap((part) => [...part]));
}

/**
 * In parallel processes; tests that upstream calls serial come last, one at a time.
 * @throws Error when no test ended, with what Ginkgo said
 */
export async function runSuite(names: readonly string[], options: SuiteOptions): Promise<Outcomes> {
  if (names.length === 0) return new Map();
  const { kubeconfig, dir, procs = 4 * availableParallelism(), timeoutMinutes = 60 } = options;
  const { suite, ginkgo } = await upstreamBinaries(options.progress);
  const { kubectl } = await commandLineTools('v35');
  await mkdir(dir, { recursive: true });
  const logFile = join(dir, 'upstream.log');
  const running = await startProcess(ginkgo, {
    cwd: dir,
    logFile,
    env: { ...process.env, HOME: dir },
    args: [
      ...['run', `--procs=${Math.min(procs, names.length)}`, '--no-color', '--keep-going'],
      ...[`--timeout=${timeoutMinutes}m`, `--focus=${focusOn(names)}`, suite, '--'],
      ...[`--kubeconfig=${kubeconfig}`, `--kubectl-path=${kubectl}`, `--outcomes=${dir}`],
      ...['--dump-logs-on-failure=false', '--allowed-not-ready-nodes=-1'],
    ],
  });
  options.signal?.addEventListener('abort', () => void running.stop().catch(() => undefined), { once: true });
  const ended = await running.exited;
  const outcomes = await readOutcomes(dir);
  if (outcomes.size > 0) return outcomes;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`no upstream test ended (${ended}):\n${log.slice(-2_000)}`);
}

/** A regular expression that matches these names and no longer ones. */
function focusOn(names: readonly string[]): string {
  const literal = (name: string) => name.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
  return `(${names.map(literal).join('|')})$`;
}

/** The whole names of all tests that the suite knows. */
export async function knownTests(progress?: (line: string) => void): Promise<ReadonlySet<string>> {
  const { suite } = await upstreamBinaries(progress);
  const { stdout } = await run(suite, ['--list-tests']);
  const names = [...stdout.matchAll(/^\s+\S+\.go:\d+: (.*)$/gm)].map(([, name = '']) => name);
  return new Set(names);
}
