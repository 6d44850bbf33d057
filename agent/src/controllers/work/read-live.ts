import { ignoreNotFound, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import type { ApplyContext } from './apply-target.ts';
import type { ReadManifest } from './manifest.ts';

/** From the watch where it can be trusted; a missing object is always confirmed by the server. */
export async function readLive(
  { memberClient, watchers, signal }: Pick<ApplyContext, 'memberClient' | 'watchers' | 'signal'>,
  { namespace, name }: ReadManifest,
  type: ResourceType,
): Promise<Stored<KubeObject> | undefined> {
  const seen = watchers.peek(type, namespace, name);
  if (seen !== undefined && seen !== 'unknown') return seen;
  const ref = namespace === '' ? { name } : { namespace, name };
  return await ignoreNotFound(memberClient.get(type, ref, { signal }));
}
