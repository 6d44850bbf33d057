import type { FieldError } from '@quarterdeck/apis';
import { getOwn, type JsonObject } from '../wire/value.ts';
import { listTypeErrors } from './check-list-type.ts';
import { ruleTextErrors } from './check-rules.ts';
import { forbidden, invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { flag, has, isEmpty, namedAt, parts, schemaAt, schemasAt, text } from './raw-schema.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Keywords of JSON Schema that no CRD may use. The value tells when it counts as used. KA-96 */
const unsupported: readonly string[] = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
  '$schema',
  'readOnly',
  'writeOnly',
  'xml',
  'deprecated',
  'discriminator',
];

/** Whether any part of a schema uses a keyword that a structural schema cannot even be read with. */
export function isUnreadable(schema: JsonObject): boolean {
  const bad = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions'];
  if (bad.some((key) => !isEmpty(getOwn(schema, key))) || Array.isArray(getOwn(schema, 'items'))) return true;
  return parts(schema).some(([child]) => isUnreadable(child));
}

interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Below metadata, apiVersion or kind of a whole object. */
  readonly insideMeta: boolean;
  /** Why defaults are not allowed here; undefined when they are. */
  readonly noDefaults: string | undefined;
}

/** Checks the keywords of each schema node by themselves. KA-96, KA-101 */
export function keywordErrors(schema: JsonObject, path: string): FieldError[] {
  return nodeErrors(schema, { path, isRoot: true, insideMeta: false, noDefaults: undefined });
}

function nodeErrors(schema: JsonObject, place: Place): FieldError[] {
  const { path } = place;
  const errors = ownErrors(schema, place);
  const inside = (child: JsonObject, step: string, change: Partial<Place> = {}) =>
    errors.push(...nodeErrors(child, { ...place, isRoot: false, ...change, path: `${path}.${step}` }));
  if (has(schema, 'additionalProperties')) {
    const child = schemaAt(schema, 'additionalProperties');
    if (getOwn(schema, 'additionalProperties') === false || child !== undefined) {
      if (namedAt(schema, 'properties').length > 0) {
        const why = 'additionalProperties and properties are mutual exclusive';
        errors.push(forbidden(`${path}.additionalProperties`, why));
      }
    }
    if (child !== undefined) {
      const noDefaults = place.insideMeta
        ? 'inside additionalProperties applying to object metadata'
        : place.noDefaults;
      inside(child, 'additionalProperties', { noDefaults });
    }
  }
  for (const [name, child] of namedAt(schema, 'properties')) {
    const meta = ['metadata', 'kind', 'apiVersion'].includes(name);
    const whole = place.isRoot || flag(schema, 'x-kubernetes-embedded-resource');
    inside(child, `properties[${name}]`, {
      insideMeta: place.insideMeta || (whole && meta),
      noDefaults: place.isRoot && meta ? `in top-level ${name}` : place.noDefaults,
    });
  }
  const not = schemaAt(schema, 'not');
  if (not !== undefined) inside(not, 'not');
  for (const junctor of ['allOf', 'oneOf', 'anyOf']) {
    schemasAt(schema, junctor).forEach((child, index) => void inside(child, `${junctor}[${index}]`));
  }
  const items = schemaAt(schema, 'items');
  if (items !== undefined) inside(items, 'items');
  return [...errors, ...listTypeErrors(schema, path), ...ruleTextErrors(schema, path)];
}

function ownErrors(schema: JsonObject, place: Place): FieldError[] {
  const { path } = place;
  const type = text(schema, 'type');
  const errors: FieldError[] = [];
  if (type !== '' && !types.includes(type)) errors.push(unsupportedValue(`${path}.type`, type, types));
  if (has(schema, 'default') && place.noDefaults !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${place.noDefaults}`));
  }
  for (const key of unsupported) {
    const value = getOwn(schema, key);
    const used =
      key === 'additionalItems' || key === '$ref' || key === 'dependencies' ? has(schema, key) : !isEmpty(value);
    if (used) errors.push(forbidden(`${path}.${key}`, `${key} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  const items = getOwn(schema, 'items');
  if (Array.isArray(items) && items.length > 0) {
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (place.insideMeta && flag(schema, 'x-kubernetes-embedded-resource')) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
  if (flag(schema, 'uniqueItems')) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  if (getOwn(schema, 'x-kubernetes-preserve-unknown-fields') === false) {
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  const mapType = getOwn(schema, 'x-kubernetes-map-type');
  if (typeof mapType === 'string') {
    const why = 'must be object if x-kubernetes-map-type is specified';
    if (type === '') errors.push(requiredValue(`${path}.type`, why));
    else if (type !== 'object') errors.push(invalidValue(`${path}.type`, type, why));
    if (mapType !== 'atomic' && mapType !== 'granular') {
      errors.push(unsupportedValue(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
    }
  }
  return errors;
}
