import type { ObjectRef } from '../client/client.ts';
import type { ObjectKey } from './reconcile.ts';

/** `namespace/name`, or `name` without a namespace. */
export function objectKey(ref: { namespace?: string | undefined; name?: string | undefined }): ObjectKey {
  const name = ref.name ?? '';
  return ref.namespace === undefined || ref.namespace === '' ? name : `${ref.namespace}/${name}`;
}

/** The inverse of {@link objectKey}. */
export function parseObjectKey(key: ObjectKey): ObjectRef {
  const slash = key.indexOf('/');
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
