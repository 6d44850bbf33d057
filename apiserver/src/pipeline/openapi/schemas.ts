import { type JsonObject, objectMetaSchema, type StructuralSchema, toOpenApi } from '@quarterdeck/machinery';
import { builtinSchema } from '../../builtin/tables/index.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import { definitionName, metaPrefix, ref } from './names.ts';

const named = new Map([[objectMetaSchema, `${metaPrefix}.ObjectMeta`]]);

/** Definitions that every document has: metadata, options, the Status of failures. KA-24 */
export function commonSchemas(): JsonObject {
  return {
    [`${metaPrefix}.ObjectMeta`]: toOpenApi(objectMetaSchema),
    [`${metaPrefix}.ListMeta`]: {
      type: 'object',
      description: 'What lists say of themselves.',
      properties: {
        continue: { type: 'string', description: 'Where the next page starts; absent on the last page.' },
        remainingItemCount: { type: 'integer', format: 'int64', description: 'How many items follow this page.' },
        resourceVersion: { type: 'string', description: 'The state of the server that the list shows.' },
        selfLink: { type: 'string', description: 'Never set.' },
      },
    },
    [`${metaPrefix}.Patch`]: { type: 'object', description: 'A patch, in the form that its media type names.' },
    [`${metaPrefix}.Status`]: {
      type: 'object',
      description: 'The outcome of a request that has no object to return.',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: ref(`${metaPrefix}.ListMeta`),
        status: { type: 'string', description: 'Success or Failure.' },
        message: { type: 'string', description: 'For people.' },
        reason: { type: 'string', description: 'One word, for programs.' },
        code: { type: 'integer', format: 'int32', description: 'The HTTP status code.' },
        details: {
          type: 'object',
          description: 'What the failure is about.',
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Status' }],
    },
    [`${metaPrefix}.DeleteOptions`]: {
      ...toOpenApi(builtinSchema('', 'v1', 'DeleteOptions')),
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'DeleteOptions' }],
    },
  };
}

/** The definitions of one resource: its object and, when it is stored, its list. */
export function resourceSchemas(resource: ResolvedResource): JsonObject {
  const { definition, version } = resource;
  const gvk = { group: definition.group, version: version.name, kind: definition.kind };
  const name = definitionName(resource);
  const selectable = definition.selectableFields
    .filter(({ versions }) => versions?.includes(version.name) ?? true)
    .map(({ path }) => ({ fieldPath: `.${path}` }));
  const object: JsonObject = {
    ...toOpenApi(version.schema, { named }),
    'x-kubernetes-group-version-kind': [gvk],
    ...(definition.origin === 'custom' && selectable.length > 0
      ? { 'x-kubernetes-selectable-fields': selectable }
      : {}),
  };
  if (!definition.verbs.includes('list')) return { [name]: object };
  return {
    [name]: object,
    [definitionName(resource, definition.listKind)]: {
      type: 'object',
      description: `A list of ${definition.kind} objects.`,
      required: ['items'],
      properties: {
        apiVersion: { type: 'string', description: 'The API version of the list.' },
        items: { type: 'array', description: 'The objects.', items: { allOf: [ref(name)], default: {} } },
        kind: { type: 'string', description: 'The kind of the list.' },
        metadata: { allOf: [ref(`${metaPrefix}.ListMeta`)], default: {}, description: 'What the list says of itself.' },
      },
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: definition.listKind }],
    },
  };
}

/** autoscaling/v1 Scale, and the kinds of action subresources, where a document needs them. */
export function foreignSchema(
  { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string },
  schema: StructuralSchema = builtinSchema(group, version, kind),
): JsonObject {
  return {
    ...toOpenApi(schema, { named }),
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}
