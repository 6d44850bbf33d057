import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDefinitions } from '@quarterdeck/apiserver';
import {
  type Ask,
  type AskedRequest,
  collectionOf,
  kindSamples,
  kindVerdicts,
  namedSample,
  send,
  startTestServer,
  type TestServer,
  verdictOf,
} from '@quarterdeck/apiserver/testing';
import { encodeJson, isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KubeCluster, kubeBinaries, startEtcd, startKubeCluster } from './kube/index.ts';

/** The built-in kinds beside a real kube-apiserver: what it fills in, what it refuses, what it prints and publishes. */

const namespace = 'kinds';
const stack = new AsyncDisposableStack();
let ours: TestServer;
let cluster: KubeCluster;
let agent: Agent;

const headersOf = ({ body, contentType }: AskedRequest, accept: string) => ({
  accept,
  ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
});

function askReal(asked: AskedRequest, accept = 'application/json'): ReturnType<Ask> {
  return new Promise((resolve, reject) => {
    const call = request(`${cluster.url}${asked.url}`, {
      agent,
      method: asked.method,
      headers: { ...headersOf(asked, accept), authorization: `Bearer ${cluster.token}` },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, json: parseJson(Buffer.concat(chunks)) as JsonObject }),
      );
    });
    call.end(asked.body === undefined ? undefined : encodeJson(asked.body));
  });
}

const askOurs = (asked: AskedRequest, accept = 'application/json'): ReturnType<Ask> =>
  send(ours.server.pipeline, {
    method: asked.method,
    url: asked.url,
    headers: headersOf(asked, accept),
    ...(asked.body === undefined ? {} : { body: asked.body }),
  });

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'builtin-kinds-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const binaries = await kubeBinaries((line) => console.log(line));
  const etcd = stack.use(await startEtcd(binaries, join(dir, 'etcd')));
  cluster = stack.use(await startKubeCluster({ binaries, etcd, name: 'kinds', dir, parts: 'control-plane' }));
  agent = new Agent({ keepAlive: true, ca: await readFile(cluster.caFile) });
  stack.defer(() => agent.destroy());
  ours = stack.use(
    await startTestServer({
      definitions: dataDefinitions,
      serviceNetwork: { cidr: '10.0.0.0/24', endpoint: { ip: '192.0.2.1', port: 6443 } },
    }),
  );
  for (const ask of [askReal, askOurs]) {
    const create = (url: string, kind: string, name: string) =>
      ask({ method: 'POST', url, body: { apiVersion: 'v1', kind, metadata: { name } } });
    await create('/api/v1/namespaces', 'Namespace', namespace);
    await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, 'ServiceAccount', 'default');
  }
});
afterAll(() => stack.disposeAsync());

describe('rules, of which the same table is asked of our server', () => {
  test.each(kindVerdicts.map((verdict, index) => ({ ...verdict, index })))('KA-2 KA-3 KA-38 $name', async (verdict) => {
    const asked = { ask: askReal, namespace };
    expect(await verdictOf(asked, verdict, `v${verdict.index}`)).toEqual([...verdict.causes].sort());
  });
});

/**
 * Where ours is another on purpose: controllers that clean up are not there, so nothing waits for them; nodes are not
 * watched; a list that is empty is left out.
 */
const ignoredPaths = [
  '.metadata.uid',
  '.metadata.resourceVersion',
  '.metadata.creationTimestamp',
  '.metadata.managedFields',
  '.metadata.finalizers',
  '.spec.taints',
  '.status.lastPhaseTransitionTime',
  '.status.currentMetrics',
  '.spec.healthCheckNodePort',
  '.spec.clusterIP',
  '.spec.clusterIPs',
];
const ignoredPatterns = [/\.nodePort$/, /-uid(?:"|$|')/, /kube-api-access/];

/** Every leaf by its path, but for what differs from run to run. */
function leaves(value: JsonValue, path = ''): string[] {
  if (ignoredPaths.includes(path) || ignoredPatterns.some((pattern) => pattern.test(path))) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
  }
  return [`${path}: ${encodeJson(value)}`.replace(/kube-api-access-[a-z0-9]{5}/, 'kube-api-access-x')];
}

const nameOf = ({ metadata }: JsonObject): string => (isJsonObject(metadata) ? String(metadata.name) : '');

describe('samples', () => {
  const numbered = kindSamples.map((sample, index) => ({ name: sample.name, sample, id: `d${index}` }));

  test.each(numbered)('KA-2 KA-3 KA-99 $name is filled in alike', async ({ sample, id }) => {
    const asked = { method: 'POST', url: collectionOf(sample, namespace), body: namedSample(sample, id) };
    const [theirs, own] = [await askReal(asked), await askOurs(asked)];
    expect([own.status, leaves(own.json).sort()]).toEqual([theirs.status, leaves(theirs.json).sort()]);
  });

  test.each(numbered)('KA-32 KA-118 $name is printed alike', async ({ sample, id }) => {
    const url = `${collectionOf(sample, namespace)}/${nameOf(namedSample(sample, id))}`;
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const shown = async (ask: typeof askReal) => tableOf((await ask({ method: 'GET', url }, accept)).json);
    expect(await shown(askOurs)).toEqual(await shown(askReal));
  });
});

/** Columns and cells, but for descriptions, times, addresses, and what a controller of the real server says. The row of an IPAddress has a cell without a column. */
function tableOf({ columnDefinitions, rows }: JsonObject) {
  const columns = (columnDefinitions as JsonObject[]).map(({ name, type, format, priority }) => ({
    name,
    type,
    format,
    priority,
  }));
  const [row = {}] = rows as JsonObject[];
  const cells = ((row.cells ?? []) as JsonValue[]).slice(0, columns.length);
  const volatile = ['Age', 'Created At', 'Cluster-IP', 'Port(s)', 'Selector', 'MissingPL'];
  return {
    columns,
    cells: cells.map((cell, index) => (volatile.includes(columns[index]?.name as string) ? '' : cell)),
  };
}

describe('published documents', () => {
  /** A component by its dotted name, with the facts of each field that clients act upon. */
  async function factsOf(ask: typeof askReal, path: string): Promise<Map<string, string>> {
    const { json } = await ask({ method: 'GET', url: `/openapi/v3/${path}` });
    const { components } = json as { components: { schemas: Record<string, JsonObject> } };
    const { schemas } = components;
    const facts = new Map<string, string>();
    for (const [name, schema] of Object.entries(schemas)) {
      for (const [field, property] of Object.entries((schema.properties ?? {}) as Record<string, JsonObject>)) {
        const whole: JsonObject = { ...referenced(property, schemas), ...property };
        facts.set(`${name}.${field}`, keywords.map((word) => `${word}=${encodeJson(whole[word] ?? null)}`).join(' '));
      }
    }
    return facts;
  }
  /** The component that a property refers to, directly or beside a description. */
  function referenced(property: JsonObject, schemas: Record<string, JsonObject>): JsonObject {
    const [first] = (property.allOf ?? [property]) as JsonObject[];
    const reference = first?.$ref;
    return typeof reference === 'string' ? (schemas[reference.slice(reference.lastIndexOf('/') + 1)] ?? {}) : {};
  }
  const keywords = [
    'type',
    'format',
    'x-kubernetes-list-type',
    'x-kubernetes-list-map-keys',
    'x-kubernetes-patch-strategy',
    'x-kubernetes-patch-merge-key',
  ];
  const documents = [
    'api/v1',
    'apis/apps/v1',
    'apis/batch/v1',
    'apis/autoscaling/v1',
    'apis/autoscaling/v2',
    'apis/policy/v1',
    'apis/networking.k8s.io/v1',
    'apis/node.k8s.io/v1',
    'apis/storage.k8s.io/v1',
    'apis/scheduling.k8s.io/v1',
    'apis/discovery.k8s.io/v1',
    'apis/flowcontrol.apiserver.k8s.io/v1',
    'apis/admissionregistration.k8s.io/v1',
    'apis/apiregistration.k8s.io/v1',
  ];

  test.each(documents)('KA-24 %s has the fields of the real one, with their types and merge rules', async (path) => {
    const [theirs, own] = [await factsOf(askReal, path), await factsOf(askOurs, path)];
    const differing = [...own].filter(([field, facts]) => theirs.has(field) && theirs.get(field) !== facts);
    const unknown = [...own.keys()].filter((field) => !theirs.has(field));
    expect({ differing, unknown, shared: [...own.keys()].some((field) => theirs.has(field)) }).toEqual({
      differing: [],
      unknown: [],
      shared: true,
    });
  });
});
