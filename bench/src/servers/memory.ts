import { readFile } from 'node:fs/promises';
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

async function proportionalBytes(pid: number): Promise<number> {
  return kilobytesOf(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => ''), 'Pss') * 1024;
}

function kilobytesOf(text: string, field: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
  return Number(kilobytes);
}
