import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

export interface RunningProcess {
  readonly pid: number;
  /** Resolves with how it ended; never rejects. */
  readonly exited: Promise<string>;
  /** SIGTERM, then SIGKILL after the grace. */
  stop(graceMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error go here, appended. */
  readonly logFile: string;
}

/** Starts a program of ours; only processes started here are ever signalled. */
export async function startProcess(command: string, options: SpawnOptions): Promise<RunningProcess> {
  const log = await open(options.logFile, 'a');
  const child: ChildProcess = spawn(command, options.args ?? [], {
    stdio: ['ignore', log.fd, log.fd],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  void exited.then(() => log.close());
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${command}: ${await exited}`);
  return {
    pid,
    exited,
    kill: (signal) => void child.kill(signal),
    async stop(graceMs = 10_000) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
