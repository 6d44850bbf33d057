import { type ChildProcess, type ForkOptions, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** How it ended; never rejects. */
  readonly exited: Promise<string>;
}

const alive = new Set<Running>();

/**
 * Flags for the Node.js of hub and members, from BENCH_NODE_FLAGS. `--cpu-prof --cpu-prof-dir=DIR` leaves a profile of each
 * when it ends.
 */
export function profilingFlags(): string[] {
  return (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
}

/** For a process of this bench: like `quarterdeck`, it keeps what it compiled; where, is where that does. */
export function forkOptions(): ForkOptions {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') };
  return { execArgv: profilingFlags(), env };
}

/** Starts a program with its output in a file. It is stopped by disposing of it: SIGTERM, after 15 s SIGKILL. */
export async function start(command: string, args: readonly string[], logFile: string): Promise<Running> {
  const log = await open(logFile, 'a');
  try {
    return track(spawn(command, args, { stdio: ['ignore', log.fd, log.fd], env: cleanEnvironment() }));
  } finally {
    await log.close();
  }
}

/** Takes on a child that was started in another way. */
export function track(child: ChildProcess): Running {
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  child.once('error', (error) => resolve(error.message));
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  const running: Running = {
    pid: child.pid ?? -1,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(timer);
    },
  };
  alive.add(running);
  void exited.then(() => alive.delete(running));
  return running;
}

/** Stops whatever is still running, for an interrupted bench. */
export async function stopAll(): Promise<void> {
  await Promise.all([...alive].map((running) => running[Symbol.asyncDispose]()));
}

/** Settings of the person who runs the bench must not leak into what is measured. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(QUARTERDECK_|KUBECONFIG$|NODE_)/.test(name)),
  );
}

/** Asks every `everyMs` until there is an answer. @throws Error when the program ends first or time is up */
export async function answer<T>(
  running: Running,
  ask: () => Promise<T | undefined>,
  options: { readonly what: string; readonly logFile: string; readonly everyMs?: number; readonly timeoutMs?: number },
): Promise<T> {
  const { what, logFile, everyMs = 50, timeoutMs = 90_000 } = options;
  const deadline = performance.now() + timeoutMs;
  let ended: string | undefined;
  void running.exited.then((how) => {
    ended = how;
  });
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (ended !== undefined || performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`${what} is not ready (${ended ?? 'timeout'}):\n${log.split('\n').slice(-12).join('\n')}`);
}
