import {
  CustomResourceDefinition,
  type CustomResourceDefinitionVersion,
  type JsonSchema,
} from '../builtin/extensions.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { apiVersionOf, groupResourceName } from '../meta/resource.ts';
import type { KindDefinition, KindVersion } from './define-kind.ts';
import { toStructural } from './openapi.ts';

/** The schema of one version with the frame of every object around the kind's own fields. */
export function objectSchemaOf(kind: KindDefinition, version: KindVersion): JsonSchema {
  const { properties, required, ...rest } = toStructural(version.schema);
  return {
    ...rest,
    description: kind.description,
    type: 'object',
    ...(required === undefined ? {} : { required }),
    properties: {
      apiVersion: {
        description: `Version of the schema of this object: ${apiVersionOf({ group: kind.group, version: version.name })}.`,
        type: 'string',
      },
      kind: { description: `Always ${kind.kind}.`, type: 'string' },
      metadata: metadataSchema(kind),
      ...(properties as object),
    },
  };
}

/** `metadata` is described by the server; a CRD may only bound the name. KA-96 */
function metadataSchema({ nameRule }: KindDefinition): JsonSchema {
  if (nameRule === undefined) return { type: 'object' };
  return {
    type: 'object',
    properties: { name: { type: 'string', maxLength: nameRule.maxLength, pattern: nameRule.pattern } },
  };
}

function versionOf(kind: KindDefinition, version: KindVersion): CustomResourceDefinitionVersion {
  return {
    name: version.name,
    served: version.served,
    storage: version.storage,
    schema: { openAPIV3Schema: objectSchemaOf(kind, version) },
    ...(version.subresources.includes('status') ? { subresources: { status: {} } } : {}),
    ...(version.columns.length === 0
      ? {}
      : { additionalPrinterColumns: version.columns.map((column) => ({ ...column })) }),
    ...(version.selectableFields === undefined
      ? {}
      : { selectableFields: version.selectableFields.map((jsonPath) => ({ jsonPath })) }),
  };
}

/** The CRD of a kind, complete and without status. KA-94 */
export function crdOf(kind: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: apiVersionOf(CustomResourceDefinition),
    kind: CustomResourceDefinition.kind,
    metadata: {
      name: groupResourceName(kind),
      labels: { [label.managedBy]: managedByValue, ...kind.labels },
      ...(Object.keys(kind.annotations).length === 0 ? {} : { annotations: { ...kind.annotations } }),
    },
    spec: {
      group: kind.group,
      scope: kind.scope,
      names: {
        plural: kind.plural,
        singular: kind.singular,
        kind: kind.kind,
        listKind: kind.listKind,
        ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
        ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
      },
      versions: kind.versions.map((version) => versionOf(kind, version)),
    },
  };
}
