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
