import { cloneValue, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { keywords } from './keywords.ts';
import type { StructuralSchema } from './structural.ts';

export interface OpenApiOptions {
  /**
   * Schemas that are published under a name of their own, by identity: where one stands, a reference to
   * `#/components/schemas/NAME` is written. A schema that contains itself must be in here.
   */
  readonly named?: ReadonlyMap<StructuralSchema, string>;
}

/**
 * A schema as published in an OpenAPI v3 document. Nodes that keep unknown fields are published as open ones, and
 * int-or-string without a type; both with their marker. KA-24, KA-25
 */
export function toOpenApi(schema: StructuralSchema, options: OpenApiOptions = {}): JsonObject {
  const out: JsonObject = {};
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  if (schema.type !== undefined && !intOrString) out.type = schema.type;
  for (const key of keywords) {
    const value = schema[key];
    if (value === undefined || (key === 'required' && schema.required?.length === 0)) continue;
    out[key] = cloneValue(value as unknown as JsonValue);
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) out['x-kubernetes-preserve-unknown-fields'] = true;
  if (intOrString) out['x-kubernetes-int-or-string'] = true;
  const child = (part: StructuralSchema) => reference(part, options) ?? toOpenApi(part, options);
  // Empty parts are left out: Go's types of OpenAPI do not write them, so a document with them would not survive a reader.
  if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
    const properties: JsonObject = {};
    for (const [name, part] of Object.entries(schema.properties)) setOwn(properties, name, child(part));
    out.properties = properties;
  }
  if (typeof schema.additionalProperties === 'boolean') out.additionalProperties = schema.additionalProperties;
  else if (schema.additionalProperties !== undefined) out.additionalProperties = child(schema.additionalProperties);
  if (schema.items !== undefined) out.items = child(schema.items);
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = schema[key];
    if (branches !== undefined) out[key] = branches.map(child);
  }
  if (schema.not !== undefined) out.not = child(schema.not);
  return out;
}

/** Beside `$ref` nothing counts, so the description and the default stand around it. */
function reference(schema: StructuralSchema, options: OpenApiOptions): JsonObject | undefined {
  const name = options.named?.get(schema);
  if (name === undefined) return undefined;
  const out: JsonObject = { allOf: [{ $ref: `#/components/schemas/${name}` }] };
  if (schema.description !== undefined) out.description = schema.description;
  if (schema.default !== undefined) out.default = cloneValue(schema.default);
  return out;
}
