import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';

/** What the published OpenAPI says of one field beyond its type. Descriptions are not read. */
export interface FieldFacts {
  required?: true;
  default?: JsonValue;
  listType?: string;
  listMapKeys?: readonly string[];
  mapType?: string;
  patchStrategy?: string;
  patchMergeKey?: string;
}

export interface ComponentFacts {
  readonly mapType?: string;
  readonly fields: ReadonlyMap<string, FieldFacts>;
}

const knownKeywords = new Set([
  'additionalProperties',
  'allOf',
  'default',
  'description',
  'format',
  'items',
  'type',
  '$ref',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
]);

/** The components of all documents by their full names. */
export function readOpenapi(directory: string): Map<string, ComponentFacts> {
  const components = new Map<string, ComponentFacts>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('_openapi.json'))) {
    const document = parseJson(readFileSync(join(directory, file)));
    const schemas = asObject(asObject(asObject(document).components).schemas);
    for (const [name, schema] of Object.entries(schemas)) {
      if (!components.has(name)) components.set(name, readComponent(name, asObject(schema)));
    }
  }
  return components;
}

function readComponent(name: string, schema: JsonObject): ComponentFacts {
  const required = new Set(asList(schema.required));
  const fields = new Map<string, FieldFacts>();
  for (const [field, property] of Object.entries(asObject(schema.properties))) {
    fields.set(field, readFacts(`${name}.${field}`, asObject(property), required.has(field)));
  }
  const mapType = schema['x-kubernetes-map-type'];
  return typeof mapType === 'string' ? { mapType, fields } : { fields };
}

function readFacts(path: string, property: JsonObject, isRequired: boolean): FieldFacts {
  for (const keyword of Object.keys(property)) {
    if (!knownKeywords.has(keyword)) throw new Error(`${path} has the keyword ${keyword}, which is not handled`);
  }
  const facts: FieldFacts = {};
  if (isRequired) facts.required = true;
  const { default: value } = property;
  if (value !== undefined && !isZeroValue(value)) facts.default = value;
  const listType = property['x-kubernetes-list-type'];
  if (typeof listType === 'string') facts.listType = listType;
  const keys = property['x-kubernetes-list-map-keys'];
  if (keys !== undefined) facts.listMapKeys = asList(keys).map(String);
  const mapType = property['x-kubernetes-map-type'];
  if (typeof mapType === 'string') facts.mapType = mapType;
  const strategy = property['x-kubernetes-patch-strategy'];
  if (typeof strategy === 'string') facts.patchStrategy = strategy;
  const mergeKey = property['x-kubernetes-patch-merge-key'];
  if (typeof mergeKey === 'string') facts.patchMergeKey = mergeKey;
  return facts;
}

/**
 * The published documents give every Go value its zero as a default (`metadata: {}`, `port: 0`). Those are no defaults
 * of the API: applied, they would make objects out of nothing and hide that a required field is missing.
 */
function isZeroValue(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false || (isJsonObject(value) && Object.keys(value).length === 0);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
