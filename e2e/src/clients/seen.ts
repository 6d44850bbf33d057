import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeYaml, type JsonObject } from '@quarterdeck/machinery';
import { stringify } from 'yaml';

const file = join(import.meta.dirname, '../../recordings/clients.yaml');

/** What programs saw of a real kube-apiserver, by their titles. */
export type Seen = Readonly<Record<string, JsonObject>>;

export async function readSeen(): Promise<Seen> {
  return decodeYaml(await readFile(file, 'utf8'), { maxBytes: 4 * 1024 * 1024 }).value as unknown as Seen;
}

export async function writeSeen(seen: Seen): Promise<void> {
  const head = '# What Go clients saw of kube-apiserver: made by `pnpm record:clients`, not by hand.\n';
  await writeFile(file, head + stringify(seen, { version: '1.1', lineWidth: 0 }));
}
