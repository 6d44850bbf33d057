import { decodeKubeProtobuf, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectBody } from '../client/body.ts';
import { type Ask, collectionOf, namedSample, verdictOf } from '../testing/kinds/ask.ts';
import { kindSamples } from '../testing/kinds/samples.ts';
import { kindVerdicts } from '../testing/kinds/verdicts.ts';
import { open, send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { dataDefinitions } from './definitions.ts';
import { protobufTables } from './tables/index.ts';

const namespace = 'kinds';
let running: TestServer;
const ask: Ask = ({ method, url, body, contentType }) =>
  send(running.server.pipeline, {
    method,
    url,
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
    ...(body === undefined ? {} : { body }),
  });

beforeAll(async () => {
  running = await startTestServer({
    definitions: dataDefinitions,
    serviceNetwork: { cidr: '10.0.0.0/24', endpoint: { ip: '192.0.2.1', port: 6443 } },
  });
  await ask({
    method: 'POST',
    url: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
});
afterAll(() => running[Symbol.asyncDispose]());

describe('rules of the built-in kinds, as a real server has them', () => {
  test.each(kindVerdicts.map((verdict, index) => ({ ...verdict, index })))('KA-2 KA-3 KA-38 $name', async (verdict) => {
    expect(await verdictOf({ ask, namespace }, verdict, `v${verdict.index}`)).toEqual([...verdict.causes].sort());
  });
});

const numbered = kindSamples.map((sample, index) => ({ name: sample.name, sample, id: `d${index}` }));

describe('every built-in kind', () => {
  const covered = new Set(kindSamples.map(({ collection }) => collection.split('/').at(-1)));

  test('KA-1b KA-3 has a sample but for APIServices, which a controller makes', () => {
    const missing = dataDefinitions.map(({ plural }) => plural).filter((plural) => !covered.has(plural));
    expect(missing).toEqual(['apiservices']);
  });

  test.each(numbered)(
    'KA-2 KA-27 KA-56 $name is filled in once and for all, as JSON and as protobuf',
    async ({ sample, id }) => {
      const collection = collectionOf(sample, namespace);
      const { json: created } = await ask({ method: 'POST', url: collection, body: namedSample(sample, id) });
      const url = `${collection}/${nameOf(created)}`;
      const again = await ask({ method: 'PUT', url, body: created });
      expect([again.status, again.json]).toEqual([200, created]);
      const contentType = 'application/vnd.kubernetes.protobuf';
      const read = await open(running.server.pipeline, { url, headers: { accept: contentType } });
      const body = await collectBody(read.body);
      const { apiVersion, kind } = decodeKubeProtobuf(body, protobufTables);
      const headers = { 'content-type': contentType };
      const put = await send(running.server.pipeline, { method: 'PUT', url, body, headers });
      expect([apiVersion, kind, put.status, put.json]).toEqual([created.apiVersion, created.kind, 200, created]);
    },
  );
});

test('KA-29 a list of a built-in kind is served as protobuf to who asks for nothing else', async () => {
  const url = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`;
  const sample = kindSamples.find(({ name }) => name === 'ingresses');
  if (sample !== undefined) await ask({ method: 'POST', url, body: namedSample(sample, 'listed') });
  const { json } = await ask({ method: 'GET', url });
  const answer = await open(running.server.pipeline, {
    url,
    headers: { accept: 'application/vnd.kubernetes.protobuf' },
  });
  const decoded = decodeKubeProtobuf(await collectBody(answer.body), protobufTables);
  expect([decoded.kind, decoded.value]).toEqual(['IngressList', json]);
});

test('KA-44 labels of an EndpointSlice begin a generation, its annotations do not', async () => {
  const collection = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const metadata = { name: 'counted' };
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', endpoints: [] };
  const generationAfter = async (method: 'POST' | 'PUT', more: JsonObject) => {
    const url = method === 'POST' ? collection : `${collection}/counted`;
    const { json } = await ask({ method, url, body: { ...slice, metadata: { ...metadata, ...more } } });
    return (json.metadata as JsonObject).generation;
  };
  expect(await generationAfter('POST', {})).toBe(1);
  expect(await generationAfter('PUT', { annotations: { a: 'b' } })).toBe(1);
  expect(await generationAfter('PUT', { labels: { a: 'b' } })).toBe(2);
});

const nameOf = ({ metadata }: JsonObject): string => (isJsonObject(metadata) ? String(metadata.name) : '');
