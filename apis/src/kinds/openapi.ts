import { z } from 'zod';
import type { JsonSchema } from '../builtin/extensions.ts';

/** Keywords that both zod and structural schemas know and mean alike. KA-96, KA-97 */
const keptKeywords: ReadonlySet<string> = new Set([
  'type',
  'description',
  'format',
  'default',
  'enum',
  'required',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
]);

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmptyNode = (value: unknown) => isNode(value) && Object.keys(value).length === 0;

/** Bounds that zod writes for the range of its number types; the format says the same. */
function isRangeOfType(keyword: string, value: unknown): boolean {
  const bound = Number(value);
  if (keyword === 'minimum') return bound === Number.MIN_SAFE_INTEGER || bound === -(2 ** 31);
  if (keyword === 'maximum') return bound === Number.MAX_SAFE_INTEGER || bound === 2 ** 31 - 1;
  return false;
}

function propertiesOf(properties: unknown, path: string): Node {
  const entries = Object.entries(properties as Node);
  return Object.fromEntries(entries.map(([name, child]) => [name, normalise(child, `${path}.${name}`)]));
}

/** One zod-made node as a structural one. Total over what the schemas of this package use; throws on anything else. */
function normalise(value: unknown, path: string): Node {
  if (!isNode(value)) throw new Error(`${path}: a schema that is not an object`);
  const node: Node = {};
  for (const [keyword, content] of Object.entries(value)) {
    if (keyword === 'properties') {
      if (!isEmptyNode(content)) node.properties = propertiesOf(content, path);
    } else if (keyword === 'items') {
      node.items = normalise(content, `${path}[]`);
    } else if (keyword === 'additionalProperties') {
      // A loose object says `{}`: its unknown fields are kept by the extension instead. A strict one says `false`, which
      // a structural schema may not.
      if (isNode(content) && !isEmptyNode(content)) node[keyword] = normalise(content, `${path}{}`);
    } else if (keyword === 'pattern' && value.format === 'date-time') {
      // The format is checked by parsing; the pattern would only repeat it in a longer way.
    } else if (keyword === 'pattern') {
      // The source of a JavaScript RegExp escapes the slash, which no other notation needs.
      node[keyword] = String(content).replaceAll('\\/', '/');
    } else if (keptKeywords.has(keyword)) {
      if (!isRangeOfType(keyword, content)) node[keyword] = content;
    } else {
      throw new Error(`${path}: keyword ${keyword} has no place in a structural schema`);
    }
  }
  return ordered(node);
}

/** Description and type first, children last: how people read a schema. The rest keeps its order. */
function ordered(node: Node): Node {
  const { description, type, properties, items, additionalProperties, ...rest } = node;
  const given = { description, type, ...rest, items, additionalProperties, properties };
  return Object.fromEntries(Object.entries(given).filter(([, content]) => content !== undefined));
}

/**
 * A zod schema as a structural OpenAPI v3 schema, as CRDs carry it.
 * @throws Error with the path when the schema uses something that structural schemas cannot say: a mistake in the program
 */
export function toStructural(schema: z.ZodType): JsonSchema {
  return normalise(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }), '');
}
