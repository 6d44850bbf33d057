import type { FieldError } from '@quarterdeck/apis';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { invalidValue, tooLong } from './field-error.ts';
import { foregroundFinalizer, orphanFinalizer } from './finalizers.ts';
import { dns1123LabelProblems, labelValueProblems, pathSegmentProblems, qualifiedNameProblems } from './names.ts';

const annotationLimitBytes = 262_144;

/**
 * The rules of the metadata of an embedded resource: any name that fits a URL, none needed. Its types have been
 * checked. KA-46 to KA-49
 */
export function objectMetaErrors(meta: JsonObject, path: string): FieldError[] {
  return [
    ...texts(meta, 'generateName', path, (text) => pathSegmentProblems(`${text}x`)),
    ...texts(meta, 'name', path, pathSegmentProblems),
    ...texts(meta, 'namespace', path, dns1123LabelProblems),
    ...labelErrors(meta, `${path}.labels`),
    ...annotationErrors(meta, `${path}.annotations`),
    ...ownerErrors(meta, `${path}.ownerReferences`),
    ...finalizerErrors(meta, `${path}.finalizers`),
  ];
}

function texts(meta: JsonObject, name: string, path: string, problems: (text: string) => string[]): FieldError[] {
  const value = getOwn(meta, name);
  if (typeof value !== 'string' || value === '') return [];
  return problems(value).map((problem) => invalidValue(`${path}.${name}`, value, problem));
}

function entries(meta: JsonObject, name: string): [string, string][] {
  const map = getOwn(meta, name);
  if (!isJsonObject(map)) return [];
  return Object.keys(map).map((key) => [key, String(map[key])]);
}

function labelErrors(meta: JsonObject, path: string): FieldError[] {
  return entries(meta, 'labels').flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidValue(path, key, problem)),
    ...labelValueProblems(value).map((problem) => invalidValue(path, value, problem)),
  ]);
}

function annotationErrors(meta: JsonObject, path: string): FieldError[] {
  const annotations = entries(meta, 'annotations');
  const bytes = annotations.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const keys = annotations.flatMap(([key]) =>
    qualifiedNameProblems(key.toLowerCase()).map((problem) => invalidValue(path, key, problem)),
  );
  return bytes > annotationLimitBytes ? [...keys, tooLong(path, annotationLimitBytes)] : keys;
}

function ownerErrors(meta: JsonObject, path: string): FieldError[] {
  const owners = listOf(meta, 'ownerReferences').filter(isJsonObject);
  const errors = owners.flatMap((owner) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((name) => getOwn(owner, name) === '')
      .map((name) =>
        invalidValue(`${path}.${name}`, '', name === 'apiVersion' ? 'version must not be empty' : 'must not be empty'),
      ),
  );
  const [first, second] = owners.filter((owner) => getOwn(owner, 'controller') === true);
  if (first === undefined || second === undefined) return errors;
  const name = (owner: JsonObject) => `${String(getOwn(owner, 'kind'))}/${String(getOwn(owner, 'name'))}`;
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${name(first)} and ${name(second)}`;
  return [...errors, invalidValue(path, owners, why)];
}

function finalizerErrors(meta: JsonObject, path: string): FieldError[] {
  const finalizers = listOf(meta, 'finalizers').filter((item) => typeof item === 'string');
  const errors = finalizers.flatMap((item) =>
    qualifiedNameProblems(item).map((problem) => invalidValue(path, item, problem)),
  );
  if (!finalizers.includes(orphanFinalizer) || !finalizers.includes(foregroundFinalizer)) return errors;
  const why = 'finalizer orphan and foregroundDeletion cannot be both set';
  return [...errors, invalidValue(path, finalizers, why)];
}

function listOf(meta: JsonObject, name: string): readonly JsonValue[] {
  const value = getOwn(meta, name);
  return Array.isArray(value) ? value : [];
}
