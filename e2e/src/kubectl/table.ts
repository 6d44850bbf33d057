import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeYaml } from '@quarterdeck/machinery';
import { stringify } from 'yaml';
import type { KubectlVersion } from '../kube/tools.ts';
import type { Scenario } from './line.ts';
import { access } from './lines/access.ts';
import { charts } from './lines/charts.ts';
import { reading } from './lines/reading.ts';
import { writing } from './lines/writing.ts';
import type { Said } from './play.ts';

const folder = join(import.meta.dirname, '../../recordings/kubectl');
const maxBytes = 16 * 1024 * 1024;

/** What people type, all of it. */
const scenarios: readonly Scenario[] = [...reading, ...writing, ...access, ...charts];

/** What was said to each scenario, by its name. */
export type Recorded = Readonly<Record<string, readonly Said[]>>;

/** What this version types. */
export const scenariosOf = (version: KubectlVersion): readonly Scenario[] =>
  version === 'v35' ? scenarios : scenarios.filter(({ everyVersion = false }) => everyVersion);

export async function readRecorded(version: KubectlVersion): Promise<Recorded> {
  const text = await readFile(join(folder, `${version}.yaml`), 'utf8');
  return decodeYaml(text, { maxBytes }).value as unknown as Recorded;
}

export async function writeRecorded(version: KubectlVersion, recorded: Recorded): Promise<void> {
  const head = '# What kubectl said of kube-apiserver: made by `pnpm record:kubectl`, not by hand.\n';
  const text = stringify(recorded, { version: '1.1', lineWidth: 0, blockQuote: 'literal' });
  await writeFile(join(folder, `${version}.yaml`), head + text);
}

/** A line that our server answers in other words, and why. */
export interface KnownDifference {
  /** `SCENARIO#LINE PART`, with part `code`, `stdout` or `stderr`. */
  readonly at: string;
  /** What ours says, where the whole of it is to be held. */
  readonly reason: string;
}

export async function readDifferences(): Promise<readonly KnownDifference[]> {
  const text = await readFile(join(folder, 'differences.yaml'), 'utf8');
  const groups = decodeYaml(text).value as unknown as readonly { reason: string; at: readonly string[] }[];
  return groups.flatMap(({ reason, at }) => at.map((place) => ({ at: place, reason })));
}
