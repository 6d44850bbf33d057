import type { FieldError } from '@quarterdeck/apis';
import { equalValues, getOwn, type JsonObject, type JsonValue } from '../wire/value.ts';
import { forbidden, invalidValue, requiredValue } from './field-error.ts';
import { compilePattern } from './pattern.ts';
import { flag, has, isEmpty, namedAt, schemaAt, schemasAt, text } from './raw-schema.ts';

type Level = 'root' | 'item' | 'field';

/**
 * Checks that a schema has a spine: every part of a value is described once, with its type, outside the logical
 * junctors (allOf, anyOf, oneOf, not), and the junctors only narrow what the spine describes. KA-96
 */
export function spineErrors(schema: JsonObject, path: string): FieldError[] {
  return [...invariants(schema, 'root', path), ...junctorCompleteness(schema, schema, { spine: path, junctor: path })];
}

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function invariants(schema: JsonObject, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = schemaAt(schema, 'items');
  const open = getOwn(schema, 'additionalProperties');
  if (text(schema, 'type') === 'array' && items === undefined) {
    errors.push(requiredValue(`${path}.items`, 'must be specified'));
  }
  if (items !== undefined) errors.push(...invariants(items, 'item', `${path}.items`));
  for (const [name, child] of namedAt(schema, 'properties')) {
    errors.push(...invariants(child, 'field', `${path}.properties[${name}]`));
  }
  if (open !== undefined && open !== null) {
    if (level === 'root') errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
    const child = schemaAt(schema, 'additionalProperties');
    if (child !== undefined) errors.push(...invariants(child, 'field', `${path}.additionalProperties`));
  }
  return [
    ...errors,
    ...extensionErrors(schema, path),
    ...junctorErrors(schema, {
      path,
      level,
      skipAnyOf: isIntOrString(schema),
      skipFirstAllOf: startsIntOrString(schema),
    }),
    ...typeErrors(schema, level, path),
    ...metadataErrors(schema, level, path),
  ];
}

function extensionErrors(schema: JsonObject, path: string): FieldError[] {
  if (!flag(schema, 'x-kubernetes-int-or-string')) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((key) => flag(schema, key))
    .map((key) => invalidValue(`${path}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const type = text(schema, 'type');
  const embedded = flag(schema, 'x-kubernetes-embedded-resource');
  const preserves = flag(schema, 'x-kubernetes-preserve-unknown-fields');
  const errors: FieldError[] = [];
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? requiredValue(`${path}.type`, why) : invalidValue(`${path}.type`, type, why));
  } else if (type === '' && !flag(schema, 'x-kubernetes-int-or-string') && !preserves) {
    errors.push(requiredValue(`${path}.type`, emptyType[level]));
  }
  if (embedded && has(schema, 'additionalProperties')) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalidValue(`${path}.type`, type, 'must be object at the root'));
  }
  if (embedded && !preserves && namedAt(schema, 'properties').length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(requiredValue(`${path}.properties`, why));
  }
  return errors;
}

/** The server owns apiVersion, kind and metadata of whole objects; a schema may only narrow the names. */
function metadataErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const whole = level === 'root' || flag(schema, 'x-kubernetes-embedded-resource');
  for (const [name, child] of namedAt(schema, 'properties')) {
    const at = `${path}.properties[${name}]`;
    const type = text(child, 'type');
    if (whole && (name === 'kind' || name === 'apiVersion') && type !== 'string') {
      errors.push(invalidValue(`${at}.type`, type, 'must be string'));
    }
    if (name !== 'metadata') continue;
    if (whole && type !== 'object') errors.push(invalidValue(`${at}.type`, type, 'must be object'));
    if (level === 'root' && !onlyNarrowsNames(child)) {
      const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
      errors.push(forbidden(at, why));
    }
  }
  return errors;
}

function onlyNarrowsNames(metadata: JsonObject): boolean {
  const names = namedAt(metadata, 'properties').every(([name]) => name === 'name' || name === 'generateName');
  const ignored = ['type', 'default', 'properties', 'example', 'externalDocs'];
  return names && Object.keys(metadata).every((key) => ignored.includes(key) || isEmpty(metadata[key]));
}

const intOrString: JsonValue = [{ type: 'integer' }, { type: 'string' }];
const isIntOrString = (schema: JsonObject) => equalValues(getOwn(schema, 'anyOf'), intOrString);
const startsIntOrString = (schema: JsonObject) => {
  const [first] = schemasAt(schema, 'allOf');
  return first !== undefined && isIntOrString(first);
};

interface JunctorPlace {
  readonly path: string;
  readonly level: Level;
  /** anyOf of integer and string is how x-kubernetes-int-or-string may be spelled out. */
  readonly skipAnyOf: boolean;
  readonly skipFirstAllOf: boolean;
}

function junctorErrors(schema: JsonObject, place: JunctorPlace): FieldError[] {
  const { path, level } = place;
  const inside = (child: JsonObject, at: string, skipAnyOf = false) =>
    branchErrors(child, { path: at, level, skipAnyOf, skipFirstAllOf: false });
  const errors: FieldError[] = [];
  if (!place.skipAnyOf) {
    schemasAt(schema, 'anyOf').forEach((child, index) => void errors.push(...inside(child, `${path}.anyOf[${index}]`)));
  }
  schemasAt(schema, 'allOf').forEach((child, index) => {
    errors.push(...inside(child, `${path}.allOf[${index}]`, place.skipFirstAllOf && index === 0));
  });
  schemasAt(schema, 'oneOf').forEach((child, index) => void errors.push(...inside(child, `${path}.oneOf[${index}]`)));
  const not = schemaAt(schema, 'not');
  if (not !== undefined) errors.push(...inside(not, `${path}.not`));
  const pattern = text(schema, 'pattern');
  const compiled = pattern === '' ? undefined : compilePattern(pattern);
  if (compiled instanceof Error) {
    const why = `must be a valid regular expression, but isn't: ${compiled.message}`;
    errors.push(invalidValue(`${path}.pattern`, pattern, why));
  }
  return errors;
}

const emptyInBranch: readonly [key: string, why: string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function branchErrors(schema: JsonObject, place: JunctorPlace): FieldError[] {
  const { path } = place;
  const plain = { skipAnyOf: false, skipFirstAllOf: false };
  const errors = junctorErrors(schema, place);
  const items = schemaAt(schema, 'items');
  if (items !== undefined) errors.push(...branchErrors(items, { ...plain, level: place.level, path: `${path}.items` }));
  for (const [name, child] of namedAt(schema, 'properties')) {
    errors.push(...branchErrors(child, { ...plain, level: 'field', path: `${path}.properties[${name}]` }));
  }
  for (const [key, why] of emptyInBranch) {
    const value = getOwn(schema, key);
    const said =
      key === 'additionalProperties'
        ? value !== undefined && value !== null && value !== false
        : key === 'default'
          ? has(schema, key)
          : !isEmpty(value);
    if (said) errors.push(forbidden(`${path}.${key}`, why));
  }
  if (schemaAt(schema, 'properties')?.metadata !== undefined) {
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  return errors;
}

interface Places {
  readonly spine: string;
  readonly junctor: string;
}

/** Every field or item that a junctor of the root narrows must be on the spine; upstream asks it of the root alone. */
function junctorCompleteness(branch: JsonObject, spine: JsonObject, at: Places): FieldError[] {
  const errors: FieldError[] = [];
  const inside = (child: JsonObject, step: string) =>
    errors.push(...branchCompleteness(child, spine, { spine: at.spine, junctor: `${at.junctor}.${step}` }));
  const not = schemaAt(branch, 'not');
  if (not !== undefined) inside(not, 'not');
  for (const junctor of ['allOf', 'anyOf', 'oneOf']) {
    schemasAt(branch, junctor).forEach((child, index) => void inside(child, `${junctor}[${index}]`));
  }
  return errors;
}

function branchCompleteness(branch: JsonObject, spine: JsonObject | undefined, at: Places): FieldError[] {
  if (spine === undefined) return [requiredValue(at.spine, `because it is defined in ${at.junctor}`)];
  const errors = junctorCompleteness(branch, spine, at);
  const step = (name: string): Places => ({ spine: `${at.spine}.${name}`, junctor: `${at.junctor}.${name}` });
  const items = schemaAt(branch, 'items');
  if (items !== undefined) errors.push(...branchCompleteness(items, schemaAt(spine, 'items'), step('items')));
  const known = new Map(namedAt(spine, 'properties'));
  for (const [name, child] of namedAt(branch, 'properties')) {
    errors.push(...branchCompleteness(child, known.get(name), step(`properties[${name}]`)));
  }
  return errors;
}
