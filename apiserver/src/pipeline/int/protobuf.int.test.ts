import { decodeKubeProtobuf, encodeKubeProtobuf, type JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { protobufTables } from '../../builtin/tables/index.ts';
import { collectBody } from '../../client/body.ts';
import { open, send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

const type = 'application/vnd.kubernetes.protobuf';
const headers = { 'content-type': type, accept: `${type},application/json` };
const url = '/api/v1/namespaces/default/configmaps';
const object = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: 'b' },
});

test('KA-27 KA-28 a built-in kind is created from protobuf and answered in JSON', async () => {
  const body = encodeKubeProtobuf(object('pb'), protobufTables);
  const {
    status,
    json,
    headers: answered,
  } = await send(server.server.pipeline, { method: 'POST', url, headers, body });
  expect([status, answered['content-type'], json.data]).toEqual([201, 'application/json', { a: 'b' }]);
});

test('KA-28 DeleteOptions come as protobuf too', async () => {
  await send(server.server.pipeline, { method: 'POST', url, body: object('pb-gone') });
  const options: JsonObject = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } };
  const body = encodeKubeProtobuf(options, protobufTables);
  const { status } = await send(server.server.pipeline, { method: 'DELETE', url: `${url}/pb-gone`, headers, body });
  expect(status).toBe(409);
});

test('KA-27 a custom kind has no protobuf form: 415', async () => {
  const body = encodeKubeProtobuf(object('pb-custom'), protobufTables);
  const request = { method: 'POST', url: '/apis/x.io/v1/namespaces/default/widgets', headers, body };
  expect((await send(server.server.pipeline, request)).status).toBe(415);
});

test('KA-29 KA-85 a watch in protobuf alone has frames of their length', async () => {
  await send(server.server.pipeline, { method: 'POST', url, body: object('framed') });
  const controller = new AbortController();
  const response = await open(server.server.pipeline, {
    url: `${url}?watch=true&fieldSelector=metadata.name%3Dframed`,
    headers: { accept: type },
    signal: controller.signal,
  });
  expect(response.headers['content-type']).toBe(`${type};stream=watch`);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const bytes = Buffer.from(chunk);
    expect(bytes.readUInt32BE(0)).toBe(bytes.byteLength - 4);
    expect(bytes.subarray(4, 11).toString('latin1')).toBe('\n\u0005ADDED');
    expect(bytes.includes(Buffer.from('k8s\0'))).toBe(true);
    break;
  }
  controller.abort(new Error('the test is over'));
});

test('KA-33 metadata alone comes as protobuf when it is asked for first, of custom kinds too', async () => {
  const widgetsUrl = '/apis/x.io/v1/namespaces/default/widgets';
  const widget: JsonObject = { apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'w', labels: { a: 'b' } } };
  const { json } = await send(server.server.pipeline, { method: 'POST', url: widgetsUrl, body: widget });
  const asked = (as: string) => ({ accept: `${type};as=${as};v=v1;g=meta.k8s.io,application/json` });
  const decode = async (path: string, as: string) => {
    const answer = await open(server.server.pipeline, { url: path, headers: asked(as) });
    expect(answer.headers['content-type']).toBe(type);
    return decodeKubeProtobuf(await collectBody(answer.body), protobufTables).value;
  };
  const { metadata } = json;
  expect(await decode(`${widgetsUrl}/w`, 'PartialObjectMetadata')).toEqual({
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadata',
    metadata,
  });
  const list = await decode(widgetsUrl, 'PartialObjectMetadataList');
  expect([list.kind, list.items]).toEqual(['PartialObjectMetadataList', [{ metadata }]]);
});
