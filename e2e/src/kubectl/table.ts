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

/** What this version types: all of it, or what CI has time for, where 1.35 stands for those whose traffic is the same. */
export const scenariosOf = (version: KubectlVersion, how: 'all' | 'quick'): readonly Scenario[] =>
  how === 'all' || version === 'v35' ? scenarios : scenarios.filter(({ everyVersion = false }) => everyVersion);

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

interface DifferenceGroup {
  readonly reason: string;
  /** The versions that it is seen with; absent: all. */
  readonly versions?: readonly KubectlVersion[];
  readonly at: readonly string[];
}

export async function readDifferences(version: KubectlVersion): Promise<readonly KnownDifference[]> {
  const text = await readFile(join(folder, 'differences.yaml'), 'utf8');
  const groups = decodeYaml(text).value as unknown as readonly DifferenceGroup[];
  return groups
    .filter(({ versions }) => versions?.includes(version) ?? true)
    .flatMap(({ reason, at }) => at.map((place) => ({ at: place, reason })));
}
