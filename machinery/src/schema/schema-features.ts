import type { StructuralSchema } from './structural.ts';

/** What occurs anywhere in a schema, so that walks for things that do not are spared. */
export interface SchemaFeatures {
  readonly embedded: boolean;
  readonly lists: boolean;
  readonly rules: boolean;
  /** Values may have parts that no schema describes. */
  readonly open: boolean;
}

const known = new WeakMap<StructuralSchema, SchemaFeatures>();

export function schemaFeatures(schema: StructuralSchema): SchemaFeatures {
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const found = { embedded: false, lists: false, rules: false, open: false };
  const seen = new Set<StructuralSchema>();
  const visit = (node: StructuralSchema): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node['x-kubernetes-embedded-resource'] === true) found.embedded = true;
    if (isOpen(node)) found.open = true;
    if (isCheckedList(node)) found.lists = true;
    if ((node['x-kubernetes-validations']?.length ?? 0) > 0) found.rules = true;
    for (const child of childSchemas(node)) visit(child);
  };
  visit(schema);
  known.set(schema, found);
  return found;
}

const isOpen = (node: StructuralSchema) =>
  node['x-kubernetes-preserve-unknown-fields'] === true ||
  node['x-kubernetes-embedded-resource'] === true ||
  node.additionalProperties === true;

/** The schemas of a value's parts; not those of allOf, anyOf, oneOf, not, which see the same value. */
export function childSchemas(schema: StructuralSchema): StructuralSchema[] {
  const children = Object.values(schema.properties ?? {});
  if (typeof schema.additionalProperties === 'object') children.push(schema.additionalProperties);
  if (schema.items !== undefined) children.push(schema.items);
  return children;
}

/**
 * Whether a list's items must be unique. Lists of built-in kinds, known by their patch strategy, are not checked here:
 * their kinds have their own rules (two equal owner references, for example, become one). KA-48, KA-100
 */
export function isCheckedList(schema: StructuralSchema): boolean {
  const type = schema['x-kubernetes-list-type'];
  return (type === 'set' || type === 'map') && schema['x-kubernetes-patch-strategy'] === undefined;
}
