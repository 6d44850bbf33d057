import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems } from '../../registry/names.ts';
import { between, duplicates, each, isNegative, named, needed, quantityOrNone } from '../checks.ts';

const mostMode = 0o777;

/** The volumes of a pod: a name and one source each. KA-3 */
export function volumesErrors(spec: JsonObject, path: string): FieldError[] {
  const names = objectsAt(spec, 'volumes').map((volume) => stringAt(volume, 'name'));
  return [
    ...each(spec, path, 'volumes', volumeErrors),
    ...duplicates(names, (index) => `${path}.volumes[${index}].name`),
  ];
}

function volumeErrors(volume: JsonObject, path: string): FieldError[] {
  const sources = Object.keys(volume).filter((field) => field !== 'name' && isJsonObject(volume[field]));
  const [first, ...more] = sources;
  return [
    ...(first === undefined ? [requiredField(path, 'must specify a volume type')] : []),
    ...(first === undefined ? [] : sourceErrors(first, objectAt(volume, first), `${path}.${first}`)),
    ...more.map((field) => forbiddenField(`${path}.${field}`, 'may not specify more than 1 volume type')),
    ...named(volume, path, 'name', dnsLabelProblems, true),
  ];
}

/** What one source must say; those of storage vendors are checked by the schema alone. */
function sourceErrors(kind: string, source: JsonObject, path: string): FieldError[] {
  switch (kind) {
    case 'emptyDir': {
      const limit = quantityOrNone(valueAt(source, 'sizeLimit'));
      return limit !== undefined && isNegative(limit)
        ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
        : [];
    }
    case 'hostPath':
      return [
        ...needed(source, path, 'path'),
        ...(stringAt(source, 'path').split('/').includes('..')
          ? [invalidField(`${path}.path`, stringAt(source, 'path'), "must not contain '..'")]
          : []),
      ];
    case 'secret':
      return [...needed(source, path, 'secretName'), ...fileErrors(source, path)];
    case 'configMap':
      return [...needed(source, path, 'name'), ...fileErrors(source, path)];
    case 'downwardAPI':
      return fileErrors(source, path);
    case 'projected':
      return [...modeErrors(source, path), ...each(source, path, 'sources', projectionErrors)];
    case 'persistentVolumeClaim':
      return needed(source, path, 'claimName');
    case 'csi':
      return named(source, path, 'driver', dnsSubdomainProblems, true);
    case 'ephemeral':
      return valueAt(source, 'volumeClaimTemplate') === undefined ? [requiredField(`${path}.volumeClaimTemplate`)] : [];
    case 'image':
      return needed(source, path, 'reference');
    default:
      return [];
  }
}

function modeErrors(source: JsonObject, path: string): FieldError[] {
  const mode = numberAt(source, 'defaultMode');
  return mode === undefined || (mode >= 0 && mode <= mostMode)
    ? []
    : [invalidField(`${path}.defaultMode`, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function fileErrors(source: JsonObject, path: string): FieldError[] {
  return [
    ...modeErrors(source, path),
    ...each(source, path, 'items', (item, at) => [
      ...(valueAt(item, 'fieldRef') === undefined && valueAt(item, 'resourceFieldRef') === undefined
        ? needed(item, at, 'key')
        : []),
      ...relativePathErrors(item, at),
    ]),
  ];
}

function relativePathErrors(item: JsonObject, path: string): FieldError[] {
  const text = stringAt(item, 'path');
  if (text === '') return [requiredField(`${path}.path`)];
  return [
    ...(text.startsWith('/') ? [invalidField(`${path}.path`, text, 'must be a relative path')] : []),
    ...(text.split('/').includes('..') ? [invalidField(`${path}.path`, text, "must not contain '..'")] : []),
  ];
}

function projectionErrors(projection: JsonObject, path: string): FieldError[] {
  const kinds = Object.keys(projection).filter((field) => isJsonObject(projection[field]));
  const [kind, ...more] = kinds;
  if (kind === undefined) return [requiredField(path, 'must specify a projection type')];
  const source = objectAt(projection, kind);
  const at = `${path}.${kind}`;
  return [
    ...more.map((field) => forbiddenField(`${path}.${field}`, 'may not specify more than 1 volume type')),
    ...(kind === 'secret' || kind === 'configMap' ? needed(source, at, 'name') : []),
    ...(kind === 'serviceAccountToken'
      ? [...between(source, at, 'expirationSeconds', 600, 2 ** 32), ...relativePathErrors(source, at)]
      : fileErrors(source, at)),
  ];
}
