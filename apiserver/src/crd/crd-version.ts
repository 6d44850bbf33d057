import type { FieldError } from '@quarterdeck/apis';
import {
  duplicateValue,
  type FieldReference,
  invalidValue,
  type JsonObject,
  parseJsonPath,
  parseStructural,
  requiredValue,
  resolveFieldPath,
  tooMany,
} from '@quarterdeck/machinery';
import { objectsAt, stringAt, valueAt } from '../registry/fields.ts';

/** The parts of a version beside its name and schema. KA-106, KA-107 */

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxSelectableFields = 8;

export function deprecationErrors(version: JsonObject, path: string): FieldError[] {
  const warning = valueAt(version, 'deprecationWarning');
  if (typeof warning !== 'string') return [];
  const problems = [];
  if (version.deprecated !== true) problems.push('can only be set for deprecated versions');
  else {
    if (Buffer.byteLength(warning) > 256) problems.push('must be <= 256 characters long');
    if (warning === '') problems.push('must not be an empty string');
    const found = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
    if (found !== null) {
      const index = Buffer.byteLength(warning.slice(0, found.index));
      const why = 'must only contain printable UTF-8 characters; non-printable character found at index';
      problems.push(`${why} ${index}`);
    }
  }
  return problems.map((problem) => invalidValue(`${path}.deprecationWarning`, warning, problem));
}

/** @param subresources of one version, or of all where they agree */
export function subresourceErrors(subresources: JsonObject, path: string): FieldError[] {
  const scale = valueAt(subresources, 'scale');
  if (scale === undefined || scale === null) return [];
  const at = (name: string) => `${path}.scale.${name}`;
  const read = (name: string) => stringAt(subresources, 'scale', name);
  return [
    ...replicasPathErrors(read('specReplicasPath'), at('specReplicasPath'), 'spec'),
    ...replicasPathErrors(read('statusReplicasPath'), at('statusReplicasPath'), 'status'),
    ...selectorPathErrors(read('labelSelectorPath'), at('labelSelectorPath')),
  ];
}

function replicasPathErrors(jsonPath: string, field: string, under: 'spec' | 'status'): FieldError[] {
  if (jsonPath === '') return [requiredValue(field)];
  const errors = simplePathErrors(jsonPath, field);
  if (errors.length > 0 || jsonPath.startsWith(`.${under}.`)) return errors;
  return [invalidValue(field, jsonPath, `should be a json path under .${under}`)];
}

function selectorPathErrors(jsonPath: string, field: string): FieldError[] {
  if (jsonPath === '') return [];
  const errors = simplePathErrors(jsonPath, field);
  if (errors.length > 0 || jsonPath.startsWith('.spec.') || jsonPath.startsWith('.status.')) return errors;
  return [invalidValue(field, jsonPath, 'should be a json path under either .spec or .status')];
}

function simplePathErrors(jsonPath: string, field: string): FieldError[] {
  return jsonPath.startsWith('.') ? [] : [invalidValue(field, jsonPath, 'must be a simple json path starting with .')];
}

export function columnErrors(column: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = stringAt(column, 'type');
  const format = stringAt(column, 'format');
  const jsonPath = stringAt(column, 'jsonPath');
  if (stringAt(column, 'name') === '') errors.push(requiredValue(`${path}.name`));
  const oneOf = `must be one of ${columnTypes.join(',')}`;
  if (type === '') errors.push(requiredValue(`${path}.type`, oneOf));
  else if (!columnTypes.includes(type)) errors.push(invalidValue(`${path}.type`, type, oneOf));
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalidValue(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`));
  }
  return [...errors, ...columnPathErrors(jsonPath, `${path}.JSONPath`)];
}

/** Kubernetes accepts paths that it then cannot read, and prints nothing; we say so at once. */
function columnPathErrors(jsonPath: string, field: string): FieldError[] {
  if (jsonPath === '') return [requiredValue(field)];
  const errors = simplePathErrors(jsonPath, field);
  if (errors.length > 0) return errors;
  const parsed = parseJsonPath(jsonPath);
  if (typeof parsed === 'function') return [];
  return [invalidValue(field, jsonPath, `is not a JSON path that can be read: ${parsed.problem}`)];
}

export function selectableFieldErrors(fields: readonly JsonObject[], schema: JsonObject, path: string): FieldError[] {
  const structural = parseStructural(schema);
  const seen = new Set<string>();
  const errors = fields.flatMap((selectable, index) => {
    const at = `${path}[${index}].jsonPath`;
    const jsonPath = stringAt(selectable, 'jsonPath');
    if (jsonPath === '') return [requiredValue(at)];
    const found = resolveFieldPath(jsonPath, structural, { brackets: false });
    if ('problem' in found) return [invalidValue(at, jsonPath, `is an invalid path: ${found.problem}`)];
    return [...leafErrors(found, jsonPath, at), ...repeated(found, jsonPath, at, seen)];
  });
  return seen.size > maxSelectableFields ? [...errors, tooMany(path, seen.size, maxSelectableFields)] : errors;
}

function leafErrors(found: FieldReference, jsonPath: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (found.steps[0]?.name === 'metadata') {
    errors.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
  }
  if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? '')) {
    const why =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    errors.push(invalidValue(at, jsonPath, why));
  }
  return errors;
}

function repeated(found: FieldReference, jsonPath: string, at: string, seen: Set<string>): FieldError[] {
  const known = seen.has(found.text);
  seen.add(found.text);
  return known ? [duplicateValue(at, jsonPath)] : [];
}

export const columnsOf = (version: JsonObject): readonly JsonObject[] => objectsAt(version, 'additionalPrinterColumns');
export const selectableFieldsOf = (version: JsonObject): readonly JsonObject[] =>
  objectsAt(version, 'selectableFields');
