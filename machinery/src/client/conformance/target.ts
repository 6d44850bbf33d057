import { randomBytes } from 'node:crypto';
import {
  ApiError,
  ConfigMap,
  CustomResourceDefinition,
  ignoreNotFound,
  type KubeObject,
  Namespace,
  type ResourceType,
  resourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Collected, collect } from '../../testing/collect.ts';
import { eventually } from '../../testing/eventually.ts';
import type { Client, WatchEvent, WatchOptions } from '../client.ts';

/** A server to judge, and the client to judge it through. The client acts as a cluster administrator. */
export interface ConformanceTarget {
  readonly client: Client;
  close(): Promise<void>;
}

/** What the cases of one area work with; valid while their tests run. */
export interface Bench {
  readonly client: Client;
  /** A namespace of this area alone. */
  readonly namespace: string;
  readonly widgets: ResourceType<Widget>;
  /** A ConfigMap of this namespace, to send. */
  configMap(name: string, data?: Record<string, string>, metadata?: KubeObject['metadata']): ConfigMap;
  widget(name: string, spec?: Widget['spec'], metadata?: KubeObject['metadata']): Widget;
}

/** A custom kind with everything that built-in kinds do not show: status, scale, defaults, integers of 64 bits. */
export interface Widget extends KubeObject {
  spec?: {
    size?: number;
    color?: string;
    serial?: number | bigint;
    replicas?: number;
    parts?: { name: string; count?: number }[];
    [unknown: string]: unknown;
  };
  status?: { ready?: boolean; replicas?: number };
}

/** Unique words, so that runs share a server. */
export const uniqueSuffix = (): string => randomBytes(4).toString('hex');

export function createBench(client: Client, namespace: string, widgets: ResourceType<Widget>): Bench {
  return {
    client,
    namespace,
    widgets,
    configMap: (name, data = {}, metadata = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, ...metadata },
      data,
    }),
    widget: (name, spec = {}, metadata = {}) => ({
      apiVersion: `${widgets.group}/v1`,
      kind: 'Widget',
      metadata: { name, namespace, ...metadata },
      spec,
    }),
  };
}

export async function createNamespace(client: Client, name: string): Promise<void> {
  await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** Removes what an area left behind; who removes the contents of namespaces may not be there. */
export async function removeNamespace(client: Client, name: string): Promise<void> {
  for (const object of (await client.list(ConfigMap, { namespace: name })).items) {
    if ((object.metadata.finalizers ?? []).length === 0) continue;
    const patch = { type: 'merge', body: { metadata: { finalizers: null } } } as const;
    await ignoreNotFound(client.patch(ConfigMap, { namespace: name, name: object.metadata.name }, patch));
  }
  await client.deleteCollection(ConfigMap, { namespace: name });
  await ignoreNotFound(client.delete(Namespace, { name }));
}

/** Installs the Widget kind in a group of its own and waits until it is served. KA-15 */
export async function installWidgets(client: Client, suffix: string): Promise<ResourceType<Widget>> {
  const group = `conf-${suffix}.quarterdeck.dev`;
  const type = resourceType<Widget>(group, 'v1', 'Widget', 'widgets', 'Namespaced');
  await client.create(CustomResourceDefinition, widgetDefinition(group));
  await eventually(() => client.list(type, { namespace: 'default' }), { message: 'the Widget kind to be served' });
  return type;
}

export async function removeWidgets(client: Client, type: ResourceType<Widget>): Promise<void> {
  await ignoreNotFound(client.delete(CustomResourceDefinition, { name: `widgets.${type.group}` }));
}

function widgetDefinition(group: string): CustomResourceDefinition {
  const integer = { type: 'integer', format: 'int64' } as const;
  const string = { type: 'string' } as const;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    size: { type: 'integer', format: 'int32', minimum: 0 },
                    color: { ...string, enum: ['red', 'green'], default: 'red' },
                    serial: integer,
                    replicas: { type: 'integer', format: 'int32' },
                    parts: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                      items: { type: 'object', required: ['name'], properties: { name: string, count: integer } },
                    },
                  },
                },
                status: {
                  type: 'object',
                  properties: { ready: { type: 'boolean' }, replicas: { type: 'integer', format: 'int32' } },
                },
              },
            },
          },
        },
      ],
    },
  };
}

/** The ApiError that a call fails with; throws when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  if (!(outcome.error instanceof ApiError)) throw outcome.error;
  return outcome.error;
}

/** The parts of a failure that clients branch on. */
export async function summaryOf(promise: Promise<unknown>): Promise<{ code: number; reason: string }> {
  const { code, reason } = await failureOf(promise);
  return { code, reason };
}

/** An object without what differs from run to run. */
export function settled(object: KubeObject): Record<string, unknown> {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export interface ObservedWatch<T extends KubeObject> extends Collected<WatchEvent<T>>, AsyncDisposable {
  /** One word per event: `ADDED a`, `BOOKMARK`. */
  summary(): string[];
}

/** Reads a watch in the background until disposed. */
export function observeWatch<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  options: Omit<WatchOptions, 'signal'>,
): ObservedWatch<T> {
  const controller = new AbortController();
  const seen = collect(client.watch(type, { ...options, signal: controller.signal }));
  return {
    ...seen,
    summary: () =>
      seen.items.map((event) => ('object' in event ? `${event.type} ${event.object.metadata.name}` : event.type)),
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('the test is over'));
      await seen.ended;
    },
  };
}

export const revisionOf = (object: Stored<KubeObject>): bigint => BigInt(object.metadata.resourceVersion);
