import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealthRule, Stored, Work, WorkReport } from '@quarterdeck/apis';
import { encodeJson, isJsonObject, type JsonValue, makeDirectory, parseJson } from '@quarterdeck/machinery';
import type { NamespaceDefault } from '../controllers/work/options.ts';

/** What an agent needs to know of its hub to keep its member right while the hub is away. F-14 */
export interface KnownHub {
  /** The hub that this was learnt from; another one makes it worthless. */
  readonly hubUrl: string;
  readonly hubUID: string;
  readonly hubNamespace: string;
  /** Absent: the hub had not said. DL-30 */
  readonly namespaceDefault?: NamespaceDefault | undefined;
  /** Without status, and without those that hold data of Secrets. DL-31 */
  readonly works: readonly Stored<Work>[];
  /** What was applied of each, and no more. */
  readonly reports: readonly Stored<WorkReport>[];
  /** What kinds count as healthy, and what is reported of them. Absent: the hub had not said. DL-22, DL-23 */
  readonly healthRules?: readonly Stored<HealthRule>[];
}

/** Keeps the last known state over restarts. */
export interface WorkCache {
  /** Undefined: nothing is kept, or nothing that can be read. */
  load(): Promise<KnownHub | undefined>;
  save(known: KnownHub): Promise<void>;
}

/** In memory, for tests. */
export function memoryWorkCache(): WorkCache {
  let kept: string | undefined;
  return {
    load: () => Promise.resolve(kept === undefined ? undefined : readKnown(kept)),
    save: (known) => {
      kept = encodeJson(known as unknown as JsonValue);
      return Promise.resolve();
    },
  };
}

/** One file of mode 0600 in a directory of mode 0700, replaced by renaming. One that is damaged counts as none. */
export function fileWorkCache(dir: string): WorkCache {
  const file = join(dir, 'works.json');
  return {
    async load() {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : readKnown(text);
    },
    async save(known) {
      makeDirectory(dir, 0o700);
      await chmod(dir, 0o700);
      const scratch = `${file}.${process.pid}.tmp`;
      await rm(scratch, { force: true }); // left by a crash, or planted while the directory was open to others
      try {
        await writeFile(scratch, encodeJson(known as unknown as JsonValue), { mode: 0o600, flag: 'wx', flush: true });
        await rename(scratch, file);
      } finally {
        await rm(scratch, { force: true });
      }
    },
  };
}

function readKnown(text: string): KnownHub | undefined {
  try {
    const known = parseJson(text);
    if (!isJsonObject(known) || !Array.isArray(known.works) || !Array.isArray(known.reports)) return undefined;
    if (known.healthRules !== undefined && !Array.isArray(known.healthRules)) return undefined;
    const names = [known.hubUrl, known.hubUID, known.hubNamespace];
    return names.every((name) => typeof name === 'string') ? (known as unknown as KnownHub) : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a Work that is kept; undefined: it holds data of a Secret, which stands in no file. DL-31, SEC-12 */
export function cachedWork({ status: _status, ...work }: Stored<Work>): Stored<Work> | undefined {
  const manifests = work.spec?.workload?.manifests ?? [];
  const isSecret = manifests.some(
    ({ apiVersion, kind, data, stringData }) =>
      apiVersion === 'v1' && kind === 'Secret' && (data !== undefined || stringData !== undefined),
  );
  if (isSecret) return undefined;
  return { ...work, metadata: withoutManagers(work.metadata) } as Stored<Work>;
}

/** The part of a rule that is kept: what it says, not what is said of it. */
export function cachedRule({ status: _status, ...rule }: Stored<HealthRule>): Stored<HealthRule> {
  return { ...rule, metadata: withoutManagers(rule.metadata) } as Stored<HealthRule>;
}

/** The part of a report that is kept: which manifests were applied. */
export function cachedReport({ status, ...report }: Stored<WorkReport>): Stored<WorkReport> {
  const manifests = (status?.manifests ?? []).map(({ identifier, health, appliedHash }) => ({
    identifier,
    health,
    ...(appliedHash === undefined ? {} : { appliedHash }),
  }));
  const kept = { observedWorkGeneration: status?.observedWorkGeneration ?? 0, manifests };
  return { ...report, metadata: withoutManagers(report.metadata), status: kept } as Stored<WorkReport>;
}

function withoutManagers<T extends object>(metadata: T): Omit<T, 'managedFields'> {
  const { managedFields: _fields, ...rest } = metadata as T & { managedFields?: unknown };
  return rest;
}
