import { AppliedWork, labelValueOf } from '@quarterdeck/apis';
import type { Client, Informer } from '@quarterdeck/machinery';

export interface Journals {
  readonly appliedWorks: Pick<Informer<AppliedWork>, 'byIndex'>;
  /** The agent's own: an executor need not be able to read journals. */
  readonly memberClient: Pick<Client, 'list'>;
  readonly signal: AbortSignal;
}

/**
 * Whether the AppliedWork that an object is marked with is on the member no more, so that the mark is nobody's: the member left
 * the hub that made it, or the object came out of a backup of another cluster. Never on the word of a cache, since another hub
 * may have made it a moment ago. WK-31, WK-32
 * @param owner name of the AppliedWork, or its label value
 */
export async function isOwnerGone({ appliedWorks, memberClient, signal }: Journals, owner: string): Promise<boolean> {
  const mark = labelValueOf(owner);
  if (appliedWorks.byIndex('label', mark).length > 0) return false;
  const { items } = await memberClient.list(AppliedWork, { signal });
  return items.every(({ metadata }) => labelValueOf(metadata.name) !== mark);
}
