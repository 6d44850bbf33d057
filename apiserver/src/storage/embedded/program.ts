import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { RunAs } from './run-as.ts';

export interface ProgramOptions {
  readonly binaries: Binaries;
  readonly runAs: RunAs | undefined;
  readonly cwd: string;
  readonly onLine: (line: string) => void;
}

/** A program of PostgreSQL, with no environment but what it needs, and its output line by line. */
export interface Program {
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name; rejects when it could not be started. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

export function runProgram(name: string, args: readonly string[], options: ProgramOptions): Program {
  const { binaries, runAs, cwd, onLine } = options;
  const child = spawn(join(binaries.directory, name), args, {
    cwd,
    env: { LD_LIBRARY_PATH: binaries.libraryPath, LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the hub, which stops the database last.
    detached: true,
    ...(runAs && { uid: runAs.uid, gid: runAs.gid }),
  });
  readLines(child, onLine);
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
  exited.catch(() => {});
  return { pid: child.pid, kill: (signal) => void child.kill(signal), exited };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
    });
    stream?.on('close', () => rest !== '' && onLine(rest));
  }
}
