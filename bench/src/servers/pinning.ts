import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Which CPUs servers and load have. */
export interface Pinning {
  /** For the reader of a result. */
  readonly words: string;
  /** Starts a program where load belongs: its command line goes behind. Empty: it runs anywhere. */
  readonly load: readonly string[];
}

/**
 * Binds this process to the first CPU it may use, and so every server that it starts from now on: a server sees one CPU
 * from its start. The load gets the second one. While load runs, this process only waits.
 */
export async function pinServers(): Promise<Pinning> {
  const loose = (why: string): Pinning => ({ words: `CPUs shared by server and load (${why})`, load: [] });
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const [server, load] = allowedCpus(status);
  if (server === undefined || load === undefined) return loose('there are not two');
  try {
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', String(server), String(process.pid)]);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return loose(isMissing ? 'taskset is not installed' : 'taskset failed');
  }
  const words = `server and its database on CPU ${server}, load on CPU ${load}`;
  return { words, load: ['taskset', '--cpu-list', String(load)] };
}

/** The CPUs that a `/proc/PID/status` allows, ascending; none where it does not say. */
export function allowedCpus(status: string): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map((text) => Number.parseInt(text, 10));
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
