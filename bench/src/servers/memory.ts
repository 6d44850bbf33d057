import { readFile, writeFile } from 'node:fs/promises';
import { processTable, processTree } from './cpu-time.ts';

/**
 * Memory of a process and all below it: their own pages, and their share of pages that several have, such as PostgreSQL's
 * buffers. Bytes. What has ended meanwhile counts as nothing.
 */
export async function treeMemoryBytes(root: number): Promise<number> {
  const sizes = await Promise.all(processTree(await processTable(), root).map(proportionalBytes));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Memory that is resident in one process. */
export async function residentBytes(pid: number): Promise<number> {
  return kilobytesOf(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''), 'VmRSS') * 1024;
}

/** Forgets how much memory these processes and all below them ever had at most: from now on is what counts. */
export async function resetPeaks(roots: readonly number[]): Promise<void> {
  await Promise.all(
    // What has ended meanwhile has no peak.
    (await trees(roots)).map((pid) => writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined)),
  );
}

/** Resident memory of processes and all below them, bytes: now, and the sum of what each had at most since the reset. */
export async function residentAndPeak(roots: readonly number[]): Promise<{ resident: number; peak: number }> {
  const pids = await trees(roots);
  const statuses = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')));
  const sum = (field: string) => statuses.reduce((total, status) => total + kilobytesOf(status, field) * 1024, 0);
  return { resident: sum('VmRSS'), peak: sum('VmHWM') };
}

async function trees(roots: readonly number[]): Promise<number[]> {
  const table = await processTable();
  return [...new Set(roots.flatMap((root) => processTree(table, root)))];
}

async function proportionalBytes(pid: number): Promise<number> {
  return kilobytesOf(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => ''), 'Pss') * 1024;
}

function kilobytesOf(text: string, field: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
  return Number(kilobytes);
}
