import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { get, post, type Step, silently } from '../step.ts';

/** Paths and objects that many scenarios use. */
export const configMaps = '/api/v1/namespaces/{ns}/configmaps';
export const secrets = '/api/v1/namespaces/{ns}/secrets';
export const accounts = '/api/v1/namespaces/{ns}/serviceaccounts';
export const events = '/api/v1/namespaces/{ns}/events';
export const leases = '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases';
export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
export const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const configMap = (name: string, data?: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  ...(data === undefined ? {} : { data }),
});

export const object = (apiVersion: string, kind: string, name: string, rest: JsonObject = {}): JsonObject => {
  const { metadata, ...others } = rest;
  return { apiVersion, kind, metadata: { name, ...(metadata as JsonObject | undefined) }, ...others };
};

export interface CrdOptions {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope?: 'Namespaced' | 'Cluster';
  /** Of the root object's `properties`. */
  readonly properties: JsonObject;
  /** Beside name, served, storage and schema. */
  readonly version?: JsonObject;
  readonly names?: JsonObject;
}

/** A CustomResourceDefinition with the one version `v1`. */
export const crd = ({
  group,
  plural,
  kind,
  scope = 'Namespaced',
  properties,
  version,
  names,
}: CrdOptions): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope,
    names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List`, ...names },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties } },
        ...version,
      },
    ],
  },
});

/** Makes a CRD and waits until its objects are served; silent. */
export const established = (definition: JsonObject): Step[] => {
  const { metadata, spec } = definition as {
    metadata: { name: string };
    spec: { group: string; names: { plural: string } };
  };
  return [
    silently(post(crds, definition)),
    silently(get(`${crds}/${metadata.name}`, { until: ['status.conditions.1.status', 'True'] })),
    silently(
      get(`/apis/${spec.group}/v1/${spec.names.plural}`, {
        until: ['kind', `${(definition as { spec: { names: { listKind: string } } }).spec.names.listKind}`],
      }),
    ),
  ];
};

export const schemaOf = {
  string: { type: 'string' } as JsonObject,
  integer: { type: 'integer', format: 'int32' } as JsonObject,
  object: (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more }),
  list: (items: JsonValue, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more }),
};
