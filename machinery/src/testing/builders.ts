import type { ConfigMap, KubeObject, Namespace, ObjectMeta, Stored } from '@quarterdeck/apis';

/** A ConfigMap to send. Default namespace `default`; fields of `metadata` win. */
export function configMap(name: string, data: Record<string, string> = {}, metadata: ObjectMeta = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...metadata }, data };
}

/** A Namespace to send. */
export function namespaceObject(name: string, metadata: ObjectMeta = {}): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } };
}

/**
 * An object as a server would return it: fills in what a server sets and the object lacks. The uid derives from
 * namespace and name, so equal calls give equal objects.
 */
export function stored<T extends KubeObject>(object: T, resourceVersion: number | string = 1): Stored<T> {
  const { namespace = '', name = 'unnamed' } = object.metadata;
  return {
    ...object,
    metadata: {
      uid: `uid-${namespace}-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      name,
      resourceVersion: String(resourceVersion),
    },
  };
}
