import type { JsonObject } from '@quarterdeck/machinery';

/** The schema of a kind with a spec of these properties, and a small status. */
export function widgetSchema(spec: JsonObject = { a: { type: 'string' } }): JsonObject {
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: spec },
      status: { type: 'object', properties: { n: { type: 'integer' }, s: { type: 'string' } } },
    },
  };
}

export interface WidgetOverrides {
  /** Of the one version. */
  readonly version?: JsonObject;
  /** In place of the one version. */
  readonly versions?: JsonObject[];
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  readonly names?: JsonObject;
  readonly status?: JsonObject;
}

export function version(name: string, more: JsonObject = {}): JsonObject {
  return { name, served: true, storage: false, schema: { openAPIV3Schema: widgetSchema() }, ...more };
}

/** A good CRD as a client sends it: `widgets.ex.test`, version v1. */
export function widgetCrd(overrides: WidgetOverrides = {}): JsonObject {
  const crd: JsonObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.ex.test', ...overrides.metadata },
    spec: {
      group: 'ex.test',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', ...overrides.names },
      versions: overrides.versions ?? [version('v1', { storage: true, ...overrides.version })],
      ...overrides.spec,
    },
  };
  return overrides.status === undefined ? crd : { ...crd, status: overrides.status };
}

/** The same as stored once its names are accepted. */
export function establishedCrd(overrides: WidgetOverrides = {}): JsonObject {
  const condition = (type: string) => ({ type, status: 'True', reason: 'x', message: 'x' });
  return widgetCrd({
    status: {
      conditions: [condition('NamesAccepted'), condition('Established')],
      acceptedNames: {
        plural: 'widgets',
        singular: 'widget',
        kind: 'Widget',
        listKind: 'WidgetList',
        ...overrides.names,
      },
      storedVersions: ['v1'],
    },
    ...overrides,
  });
}
