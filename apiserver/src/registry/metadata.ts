import type { FieldError } from '@quarterdeck/apis';
import {
  encodeJson,
  equalValues,
  foregroundFinalizer,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  orphanFinalizer,
} from '@quarterdeck/machinery';
import type { ResourceDefinition } from './definition.ts';
import {
  forbiddenField,
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  tooLongField,
  valueAt,
} from './fields.ts';
import { dnsSubdomainProblems, labelValueProblems, qualifiedNameProblems } from './names.ts';

const annotationLimitBytes = 262_144;

/** Checks metadata of an object about to be stored, after the server has filled in its own fields. KA-46 to KA-49 */
export function validateMetadata(object: JsonObject, definition: ResourceDefinition): FieldError[] {
  const meta = objectAt(object, 'metadata');
  return [
    ...nameErrors(meta, definition),
    ...labelErrors(objectAt(meta, 'labels')),
    ...annotationErrors(objectAt(meta, 'annotations')),
    ...ownerErrors(meta),
    ...finalizerErrors(meta, definition),
    ...managedFieldsErrors(meta),
  ];
}

/** What can be wrong with owners that can be read. KA-77 */
function managedFieldsErrors(meta: JsonObject): FieldError[] {
  return objectsAt(meta, 'managedFields').flatMap((owner, index) => {
    const path = `metadata.managedFields[${index}]`;
    return [
      ...managerErrors(stringAt(owner, 'manager'), `${path}.manager`),
      ...(Buffer.byteLength(stringAt(owner, 'subresource')) > 256 ? [tooLongField(`${path}.subresource`, 256)] : []),
    ];
  });
}

/** The name of a field manager: at most 128 printable characters. KA-71 */
export function managerErrors(manager: string, path: string): FieldError[] {
  return [...(Buffer.byteLength(manager) > 128 ? [tooLongField(path, 128)] : []), ...unprintable(manager, path)];
}

function unprintable(manager: string, path: string): FieldError[] {
  return [...manager].flatMap((char, index) => {
    if (/\P{C}/u.test(char)) return [];
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return [invalidField(path, manager, `invalid character U+${code} (at position ${index})`)];
  });
}

function nameErrors(meta: JsonObject, definition: ResourceDefinition): FieldError[] {
  const name = stringAt(meta, 'name');
  const check = definition.strategy.validateName ?? dnsSubdomainProblems;
  const generateName = stringAt(meta, 'generateName');
  return [
    ...(generateName === ''
      ? []
      : check(withoutTail(generateName) || 'a').map((problem) =>
          invalidField('metadata.generateName', generateName, problem),
        )),
    ...(name === ''
      ? [requiredField('metadata.name', 'name or generateName is required')]
      : check(name).map((problem) => invalidField('metadata.name', name, problem))),
  ];
}

/** What is generated goes on behind it, so that it may end in what no name ends in. */
function withoutTail(generateName: string): string {
  let end = generateName.length;
  while (end > 0 && '-.'.includes(generateName.charAt(end - 1))) end -= 1;
  return generateName.slice(0, end);
}

/** KA-47 */
export function labelErrors(labels: JsonObject, path = 'metadata.labels'): FieldError[] {
  return Object.keys(labels).flatMap((key) => [
    ...qualifiedNameProblems(key).map((problem) => invalidField(path, key, problem)),
    ...labelValueProblems(String(labels[key])).map((problem) => invalidField(path, labels[key], problem)),
  ]);
}

/** KA-47 */
export function annotationErrors(annotations: JsonObject): FieldError[] {
  const keys = Object.keys(annotations);
  const bytes = keys.reduce(
    (sum, key) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(annotations[key])),
    0,
  );
  return [
    ...keys.flatMap((key) =>
      qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidField('metadata.annotations', key, problem)),
    ),
    ...(bytes > annotationLimitBytes ? [tooLongField('metadata.annotations', annotationLimitBytes)] : []),
  ];
}

/** KA-48 */
function ownerErrors(meta: JsonObject): FieldError[] {
  const owners = objectsAt(meta, 'ownerReferences');
  const controllers = owners
    .filter((owner) => owner.controller === true)
    .map((owner) => `${stringAt(owner, 'kind')}/${stringAt(owner, 'name')}`);
  return [
    ...owners.flatMap(ownerReferenceErrors),
    ...(controllers.length > 1
      ? [
          invalidField(
            'metadata.ownerReferences',
            [...owners],
            `Only one reference can have Controller set to true. Found "true" in references for ${controllers.join(' and ')}`,
          ),
        ]
      : []),
  ];
}

/** Paths have no index: so says Kubernetes, and clients match them. */
function ownerReferenceErrors(owner: JsonObject): FieldError[] {
  const path = 'metadata.ownerReferences';
  const apiVersion = stringAt(owner, 'apiVersion');
  const kind = stringAt(owner, 'kind');
  const hasVersion = /^[^/]+(\/[^/]+)?$/.test(apiVersion);
  const missing = ['kind', 'name', 'uid'].filter((field) => stringAt(owner, field) === '');
  const isEvent = kind === 'Event' && ['v1', 'events.k8s.io/v1'].includes(apiVersion);
  const type = `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
  return [
    ...(hasVersion ? [] : [invalidField(`${path}.apiVersion`, apiVersion, 'version must not be empty')]),
    ...missing.map((field) => invalidField(`${path}.${field}`, '', 'must not be empty')),
    ...(isEvent ? [invalidField(path, owner, `${type} is disallowed from being an owner`)] : []),
  ];
}

function finalizerErrors(meta: JsonObject, definition: ResourceDefinition): FieldError[] {
  const finalizers = stringsAt(meta, 'finalizers');
  const path = 'metadata.finalizers';
  return [
    ...finalizers.flatMap((finalizer, index) => [
      ...qualifiedNameProblems(finalizer).map((problem) => invalidField(path, finalizer, problem)),
      ...(finalizer.includes('/') || standardFinalizers.has(finalizer) || takesAnyFinalizer(definition)
        ? []
        : [
            invalidField(
              `${path}[${index}]`,
              finalizer,
              'name is neither a standard finalizer name nor is it fully qualified',
            ),
          ]),
    ]),
    ...(finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)
      ? [invalidField(path, [...finalizers], 'finalizer orphan and foregroundDeletion cannot be both set')]
      : []),
  ];
}

/** Custom kinds, and their definitions, whose own finalizer has no path. */
function takesAnyFinalizer({ origin, group }: ResourceDefinition): boolean {
  return origin === 'custom' || group === 'apiextensions.k8s.io';
}

const standardFinalizers = new Set(['kubernetes', orphanFinalizer, foregroundFinalizer]);

/** Warnings about metadata that is accepted. KA-48, KA-49 */
export function metadataWarnings(object: JsonObject, definition: ResourceDefinition): string[] {
  if (definition.origin !== 'custom') return [];
  return stringsAt(objectAt(object, 'metadata'), 'finalizers')
    .filter((finalizer) => !finalizer.includes('/') && !standardFinalizers.has(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: "${finalizer}": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
}

/** What an update must not change. KA-49, KA-50 */
export function validateMetadataUpdate(next: JsonObject, old: JsonObject): FieldError[] {
  const meta = objectAt(next, 'metadata');
  const oldMeta = objectAt(old, 'metadata');
  const immutable = ['name', 'namespace', 'uid', 'creationTimestamp'].filter(
    (field) => !equalValues(valueAt(meta, field) ?? '', valueAt(oldMeta, field) ?? ''),
  );
  return [
    ...immutable.map((field) => invalidField(`metadata.${field}`, valueAt(meta, field), 'field is immutable')),
    ...addedFinalizerErrors(meta, oldMeta),
  ];
}

function addedFinalizerErrors(meta: JsonObject, oldMeta: JsonObject): FieldError[] {
  if (valueAt(oldMeta, 'deletionTimestamp') === undefined) return [];
  const known = new Set(stringsAt(oldMeta, 'finalizers'));
  const added = stringsAt(meta, 'finalizers').filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => encodeJson(name)).join(', ')}}`,
    ),
  ];
}

/** Drops owner references that occur twice; `dropped` says whether there were any. KA-48 */
export function dedupeOwners(meta: JsonObject): { meta: JsonObject; dropped: boolean } {
  const owners = listAt(meta, 'ownerReferences');
  const kept = [...new Map(owners.map((owner) => [identityOf(owner), owner])).values()];
  if (kept.length === owners.length) return { meta, dropped: false };
  return { meta: { ...meta, ownerReferences: kept }, dropped: true };
}

/** The same for equal references, whatever the order of their fields. */
const identityOf = (owner: JsonValue): string => encodeJson(isJsonObject(owner) ? Object.entries(owner).sort() : owner);
