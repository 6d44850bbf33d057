import { readFile } from 'node:fs/promises';

/** What a hub opens beside the connections of its clients: database, tunnels, webhooks, files, a database server it starts. */
const keptBack = 96;

/**
 * How many connections a server may hold so that the rest of its process never lacks a file descriptor. F-32
 * @param openFiles what the process may have open in all; undefined: not known
 * @returns undefined: no limit of ours
 */
export function connectionLimit(openFiles: number | undefined): number | undefined {
  if (openFiles === undefined) return undefined;
  return Math.max(Math.floor(openFiles / 4), openFiles - keptBack);
}

/** How many files this process may have open; undefined where the system does not say (only Linux does) or has no limit. */
export async function openFilesLimit(): Promise<number | undefined> {
  return parseOpenFiles(await readFile('/proc/self/limits', 'utf8').catch(() => ''));
}

/** @param text of `/proc/PID/limits` */
export function parseOpenFiles(text: string): number | undefined {
  const soft = /^Max open files +(\d+)/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
