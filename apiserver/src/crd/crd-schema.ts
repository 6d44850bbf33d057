import type { FieldError } from '@quarterdeck/apis';
import {
  checkStructural,
  forbidden,
  invalidValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import { valueAt } from '../registry/fields.ts';
import { type RuleCheck, ruleErrors } from './crd-rules.ts';

/** What the root of a schema may say when its status has a subresource, which is validated by itself. */
const allowedAtRoot: readonly [keyword: string, name: string][] = [
  ['description', 'Description'],
  ['type', 'Type'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['properties', 'Properties'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-validations', 'XValidations'],
];

/**
 * Checks the schema of one version, or of all where they agree. KA-96, KA-101
 * @param path of the `schema` field, for example `spec.validation`
 */
export function schemaErrors(
  schema: JsonObject,
  path: string,
  options: RuleCheck & { readonly hasStatus: boolean },
): FieldError[] {
  const at = `${path}.openAPIV3Schema`;
  const structural = options.isKnown(schema) ? [] : checkStructural(schema, at);
  return [
    ...(options.hasStatus ? rootErrors(schema, at) : []),
    ...(schema.nullable === true ? [forbidden(`${at}.nullable`, 'nullable cannot be true at the root')] : []),
    ...structural,
    ...(structural.length > 0 ? [] : ruleErrors(schema, at, options)),
  ];
}

/** The first keyword that would be lost when the status is validated by itself. */
function rootErrors(schema: JsonObject, at: string): FieldError[] {
  const type = valueAt(schema, 'type');
  if (typeof type === 'string' && type !== '' && type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(`${at}.type`, type, why)];
  }
  const stranger = Object.keys(schema).find(
    (key) => !allowedAtRoot.some(([keyword]) => keyword === key) && says(schema[key]),
  );
  if (stranger === undefined) return [];
  const names = allowedAtRoot.map(([, name]) => name).join(' ');
  const why = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidValue(at, stranger, why)];
}

function says(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isJsonObject(value) || Object.keys(value).length > 0;
}
