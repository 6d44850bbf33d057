import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { objectAt, stringAt, stringsAt, valueAt, withValue } from '../registry/fields.ts';
import { setCondition } from './crd-conditions.ts';
import { cleanupFinalizer, crdCondition, storageVersionOf } from './crd-object.ts';

/** What a CRD's author may leave out: the singular and list names, the conversion, and its port. Idempotent. KA-94 */
export function completeCrd(crd: JsonObject): JsonObject {
  const spec = objectAt(crd, 'spec');
  const kind = stringAt(spec, 'names', 'kind');
  let next = crd;
  if (kind !== '' && stringAt(spec, 'names', 'singular') === '') {
    next = withValue(next, ['spec', 'names', 'singular'], kind.toLowerCase());
  }
  if (kind !== '' && stringAt(spec, 'names', 'listKind') === '') {
    next = withValue(next, ['spec', 'names', 'listKind'], `${kind}List`);
  }
  if (Object.hasOwn(crd, 'spec') && valueAt(spec, 'conversion') === undefined) {
    next = withValue(next, ['spec', 'conversion'], { strategy: 'None' });
  }
  const service = valueAt(spec, 'conversion', 'webhook', 'clientConfig', 'service');
  if (isJsonObject(service) && service.port === undefined) {
    next = withValue(next, ['spec', 'conversion', 'webhook', 'clientConfig', 'service', 'port'], 443);
  }
  // False says nothing, and Kubernetes does not store it.
  return valueAt(spec, 'preserveUnknownFields') === false
    ? withValue(next, ['spec', 'preserveUnknownFields'], undefined)
    : next;
}

/** The status that a new CRD starts with: nothing accepted yet, and the storage version noted. KA-95 */
export function withInitialStatus(crd: JsonObject): JsonObject {
  const storage = storageVersionOf(crd);
  const status: JsonObject = {
    conditions: [],
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storage === undefined ? [] : [storage],
  };
  return { ...crd, status };
}

/** Every version that was ever the storage version stays in the list until somebody has migrated its objects. KA-95 */
export function withStoredVersion(crd: JsonObject): JsonObject {
  const storage = storageVersionOf(crd);
  const stored = stringsAt(crd, 'status', 'storedVersions');
  if (storage === undefined || stored.includes(storage)) return crd;
  return withValue(crd, ['status', 'storedVersions'], [...stored, storage]);
}

/** A deleted CRD stays, and says so, until its instances are gone. KA-95 */
export function withCleanup(crd: JsonObject, now: number): JsonObject {
  const finalizers = stringsAt(crd, 'metadata', 'finalizers');
  const held = finalizers.includes(cleanupFinalizer)
    ? crd
    : withValue(crd, ['metadata', 'finalizers'], [...finalizers, cleanupFinalizer]);
  return setCondition(
    held,
    {
      type: crdCondition.terminating,
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    now,
  );
}
