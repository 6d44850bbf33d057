import { readdir, readFile } from 'node:fs/promises';

/** A line of the process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** User and system time, with that of children that have ended. */
  readonly cpuSeconds: number;
}

/** The unit of /proc's times on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** One `/proc/PID/stat`; the name may hold spaces and parentheses. */
export function parseStat(text: string): ProcessRow {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number(text.slice(0, open)),
    parent: Number(fields[1]),
    name: text.slice(open + 1, close),
    cpuSeconds: ticks / ticksPerSecond,
  };
}

/** Every process of this machine. Those that end while it reads are left out. */
export async function processTable(): Promise<ProcessRow[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined)));
  return texts.filter((text) => text !== undefined).map(parseStat);
}

/** CPU time of these processes and all below them, such as PostgreSQL's backends below a hub. */
export function treeCpuSeconds(table: readonly ProcessRow[], roots: readonly number[]): number {
  const inTree = new Set(roots.flatMap((root) => processTree(table, root)));
  return table.filter(({ pid }) => inTree.has(pid)).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** A process and all below it. */
export function processTree(table: readonly ProcessRow[], root: number): number[] {
  const inTree = new Set([root]);
  for (let size = -1; size !== inTree.size; ) {
    size = inTree.size;
    for (const { pid, parent } of table) if (inTree.has(parent)) inTree.add(pid);
  }
  return [...inTree];
}

/** The most memory that this process ever had resident. @throws Error where there is no /proc */
export async function peakRssBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return 1024 * Number(kilobytes);
}
