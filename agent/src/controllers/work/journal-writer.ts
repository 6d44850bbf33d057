import { type AppliedResource, AppliedWork, agentFieldManager, type Stored } from '@quarterdeck/apis';
import { equalValues, type JsonValue } from '@quarterdeck/machinery';
import type { Pass } from './options.ts';

/** Writes the journal when it differs, conditional on the version that was read. @returns the newest */
export async function writeJournal(
  { memberClient, signal }: Pick<Pass, 'memberClient' | 'signal'>,
  applied: Stored<AppliedWork>,
  resources: readonly AppliedResource[],
): Promise<Stored<AppliedWork>> {
  const before = applied.status?.appliedResources ?? [];
  if (equalValues(resources as unknown as JsonValue, before as unknown as JsonValue)) return applied;
  return await memberClient.update(
    AppliedWork,
    { ...applied, status: { ...applied.status, appliedResources: [...resources] } },
    { subresource: 'status', signal, fieldManager: agentFieldManager },
  );
}

/** Sets annotations of the journal where they differ; undefined removes one. @returns the newest */
export async function writeMarks(
  { memberClient, signal }: Pick<Pass, 'memberClient' | 'signal'>,
  applied: Stored<AppliedWork>,
  marks: Readonly<Record<string, string | undefined>>,
): Promise<Stored<AppliedWork>> {
  const before = applied.metadata.annotations ?? {};
  const changed = Object.entries(marks).filter(([name, value]) => before[name] !== value);
  if (changed.length === 0) return applied;
  const annotations = Object.fromEntries(changed.map(([name, value]) => [name, value ?? null]));
  const { uid, resourceVersion, name } = applied.metadata;
  return await memberClient.patch(
    AppliedWork,
    { name },
    { type: 'merge', body: { metadata: { uid, resourceVersion, annotations } } },
    { signal, fieldManager: agentFieldManager },
  );
}
