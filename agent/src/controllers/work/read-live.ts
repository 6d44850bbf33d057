import { ignoreNotFound, type KubeObject, type Stored } from '@quarterdeck/apis';
import type { ApplyContext, ApplyTarget } from './apply-target.ts';

/**
 * From the watch where it can be trusted and shows what was written last; that an object is missing is always confirmed by the
 * server, for each that was applied before by itself.
 */
export async function readLive(
  {
    memberClient,
    watchers,
    absence,
    superseded,
    signal,
  }: Pick<ApplyContext, 'memberClient' | 'watchers' | 'absence' | 'superseded' | 'signal'>,
  { manifest: { namespace, name }, type, journalUid }: Pick<ApplyTarget, 'manifest' | 'type' | 'journalUid'>,
): Promise<Stored<KubeObject> | undefined> {
  const seen = watchers.peek(type, namespace, name);
  if (seen !== undefined && seen !== 'unknown' && !superseded.isSuperseded(seen)) return seen;
  const isNew = seen === undefined && journalUid === undefined;
  if (isNew && (await absence?.isKnown(type, namespace, name)) === true) return undefined;
  const ref = namespace === '' ? { name } : { namespace, name };
  return await ignoreNotFound(memberClient.get(type, ref, { signal }));
}
