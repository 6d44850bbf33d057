import type { StructuralSchema } from './structural.ts';

const int64: StructuralSchema = { type: 'integer', format: 'int64' };
const text = (description: string): StructuralSchema => ({ type: 'string', description });
const time = (description: string): StructuralSchema => ({ type: 'string', format: 'date-time', description });
const flag = (description: string): StructuralSchema => ({ type: 'boolean', description });

const ownerReference: StructuralSchema = {
  type: 'object',
  description: 'Points at an object in the same namespace, or at a cluster-scoped one, that this object belongs to.',
  required: ['apiVersion', 'kind', 'name', 'uid'],
  properties: {
    apiVersion: text('The API version of the owner.'),
    blockOwnerDeletion: flag(
      'When true and the owner is being deleted in the foreground, the owner stays until this reference is gone. Setting it needs the right to update the finalizers of the owner. False when absent.',
    ),
    controller: flag('Whether the owner is the controller that manages this object. At most one reference may say so.'),
    kind: text('The kind of the owner.'),
    name: text('The name of the owner.'),
    uid: text('The uid of the owner; a later object of the same name has another one.'),
  },
  'x-kubernetes-map-type': 'atomic',
};

const managedFieldsEntry: StructuralSchema = {
  type: 'object',
  description: 'The fields that one manager set, through one operation, in one API version.',
  properties: {
    apiVersion: text('The API version that the field names of this entry belong to.'),
    fieldsType: text('The format of fieldsV1. Always "FieldsV1".'),
    fieldsV1: {
      type: 'object',
      description:
        'The set of fields, as a tree. Keys are "f:NAME" for a field, "k:KEYS" for a list item found by its keys, "v:VALUE" for an item of a set, "i:INDEX" for an item by position, and "." for the node itself.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    manager: text('The name of the manager: of the program or the workflow that made the change.'),
    operation: text('How the fields were set: "Apply" by server-side apply, "Update" by any other write.'),
    subresource: text('The subresource that the fields were set through; empty for the object itself.'),
    time: time('When this entry last gained, changed or lost a field.'),
  },
};

/**
 * The metadata of every object, complete, because kubectl reads it from the published schema (KA-24): names and types of
 * ObjectMeta, list types and patch keys (KA-69). `selfLink` is known, so that it is not reported as an unknown field,
 * and never emitted (KA-42).
 */
export const objectMetaSchema: StructuralSchema = Object.freeze<StructuralSchema>({
  type: 'object',
  description:
    "Standard object's metadata: its identity, the server's bookkeeping, and labels and annotations of its users.",
  properties: {
    annotations: {
      type: 'object',
      description:
        'Free text under qualified keys, for tools that need to keep something with the object. Not selectable; 256 KiB in all.',
      additionalProperties: { type: 'string', default: '' },
    },
    creationTimestamp: time(
      'CreationTimestamp is a timestamp of when the server created the object. Set by the server.',
    ),
    deletionGracePeriodSeconds: {
      ...int64,
      description:
        'How many seconds the object was given to end in good order. Set by the server together with deletionTimestamp.',
    },
    deletionTimestamp: time(
      'When the object was asked to be deleted. Set by the server. From then on it only waits for its finalizers to be removed, and none can be added.',
    ),
    finalizers: {
      type: 'array',
      description:
        'Names of those who must act before the object may go. Each removes its own name when it is done; the object disappears with the last one. Their order means nothing.',
      items: { type: 'string', default: '' },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    generateName: text(
      'A beginning for a name that the server makes unique by adding five random characters. Used only when name is empty.',
    ),
    generation: { ...int64, description: 'Counts the changes of the desired state. Set by the server.' },
    labels: {
      type: 'object',
      description: 'Short values under qualified keys, by which objects are grouped and selected.',
      additionalProperties: { type: 'string', default: '' },
    },
    managedFields: {
      type: 'array',
      description:
        'Which manager set which fields. Kept by the server for server-side apply; rarely of interest to people.',
      items: { ...managedFieldsEntry, default: {} },
      'x-kubernetes-list-type': 'atomic',
    },
    name: text(
      'The name of the object: unique in its namespace (or in the cluster) for its resource. It cannot be changed.',
    ),
    namespace: text('The namespace that the object lives in; empty for cluster-scoped objects. It cannot be changed.'),
    ownerReferences: {
      type: 'array',
      description: 'The objects that this one belongs to. When all of them are gone, this one is deleted too.',
      items: { ...ownerReference, default: {} },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'uid',
    },
    resourceVersion: text(
      'Names one state of the object; it changes with every write. Send it back with an update to have the update refused if somebody else was faster. Opaque to clients.',
    ),
    selfLink: text('No longer used: the server ignores and never sets it.'),
    uid: text('Tells this object from all others, earlier ones of the same name included. Set by the server.'),
  },
});

const apiVersionSchema = text(
  'APIVersion defines which group and version of its schema an object is written in, for example "apps/v1". See https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
);
const kindSchema = text(
  'The kind of this object, in CamelCase. It cannot be changed. See https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
);

/**
 * Completes a kind's own schema to that of the whole object: apiVersion, kind and the full metadata before its own
 * properties. What the kind says about `metadata.name` and `metadata.generateName` (all that KA-96 lets it say) is kept
 * on top of the common rules. Returns a new schema; the argument may be a CRD version's schema or a built-in's.
 */
export function withObjectFrame(schema: StructuralSchema): StructuralSchema {
  const { apiVersion, kind, metadata, ...own } = schema.properties ?? {};
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: { ...apiVersion, ...apiVersionSchema },
      kind: { ...kind, ...kindSchema },
      metadata: withOwnNameRules(metadata),
      ...own,
    },
  };
}

function withOwnNameRules(own: StructuralSchema | undefined): StructuralSchema {
  const { name, generateName } = own?.properties ?? {};
  if (name === undefined && generateName === undefined) return objectMetaSchema;
  const common = objectMetaSchema.properties ?? {};
  return {
    ...objectMetaSchema,
    properties: {
      ...common,
      name: { ...name, ...common.name },
      generateName: { ...generateName, ...common.generateName },
    },
  };
}
