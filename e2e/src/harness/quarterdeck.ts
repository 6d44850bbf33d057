import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@quarterdeck/machinery/testing';
import { type RunningProcess, startProcess } from '../kube/process.ts';
import { type Outcome, type RunOptions, run } from './run.ts';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** Starts the command, with Node.js. */
export const program = join(repository, 'cli/bin/quarterdeck.mjs');

/** The command as a user starts it, in an environment without settings of ours. */
export function quarterdeck(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [program, ...args], { ...options, env: options.env ?? cleanEnvironment() });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(QUARTERDECK_|KUBECONFIG$|VITEST|NODE_)/.test(name),
  );
  return Object.fromEntries(entries);
}

/** For tests that have a process run out of something. */
export interface ProcessLimits {
  /** File descriptors. */
  readonly openFiles?: number;
  /** Of the JavaScript heap. */
  readonly heapMb?: number;
}

export interface StartOptions {
  readonly args: readonly string[];
  readonly logFile: string;
  /** Where it runs. Default: here. */
  readonly cwd?: string;
  /** What it may have at most. Default: what the system and Node.js allow. */
  readonly limits?: ProcessLimits;
  /** Found in its output when it is ready. */
  readonly ready: RegExp;
  /** Default 60 000. */
  readonly timeoutMs?: number;
}

/** Starts the command and waits for its ready line; a process that is not ready is ended. */
export async function startQuarterdeck(
  options: StartOptions,
): Promise<{ process: RunningProcess; ready: RegExpExecArray }> {
  const { args, logFile, timeoutMs = 60_000, limits = {} } = options;
  const before = (await readFile(logFile, 'utf8').catch(() => '')).length;
  const [command, ...words] = limited([program, ...args], limits);
  const child = await startProcess(command, {
    args: words,
    env: cleanEnvironment(),
    logFile,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let ended: string | undefined;
  void child.exited.then((how) => {
    ended = how;
  });
  try {
    const ready = await eventually(
      async () => {
        const output = (await readFile(logFile, 'utf8')).slice(before);
        const found = options.ready.exec(output);
        return found ?? (ended === undefined ? undefined : new Error(`it ended: ${ended}`));
      },
      { timeoutMs, message: `${args.slice(0, 2).join(' ')} to say ${options.ready}` },
    );
    if (ready instanceof Error) throw ready;
    return { process: child, ready };
  } catch (cause) {
    await child.stop(2_000);
    throw new Error(`quarterdeck ${args.join(' ')} did not start; ${await tail(logFile)}`, { cause });
  }
}

/** A process that a test ends and starts again, on what it has kept. */
export interface Restartable {
  /** Of the present run. */
  readonly pid: number;
  /** Ends it by a signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again after `kill`, on the same data and port; resolves when it is ready. */
  restart(): Promise<void>;
  /** Of the present run, if it still runs. */
  stop(): Promise<void>;
}

/** @param first what `start` gave at the first time */
export function restartable(first: RunningProcess, start: () => Promise<{ process: RunningProcess }>): Restartable {
  let running = first;
  return {
    get pid() {
      return running.pid;
    },
    async kill(signal) {
      running.kill(signal);
      await running.exited;
    },
    async restart() {
      running = (await start()).process;
    },
    stop: () => running.stop(),
  };
}

/** Node.js with these arguments, in a process that is limited. */
function limited(args: readonly string[], { openFiles, heapMb }: ProcessLimits): [command: string, ...string[]] {
  const words = [...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`]), ...args];
  if (openFiles === undefined) return [process.execPath, ...words];
  return ['/bin/sh', '-c', 'ulimit -n "$0" && exec "$@"', `${openFiles}`, process.execPath, ...words];
}

/** The last lines of a log, for error messages. */
async function tail(logFile: string, lines = 20): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return `${logFile} ends with:\n${text.trimEnd().split('\n').slice(-lines).join('\n')}`;
}
