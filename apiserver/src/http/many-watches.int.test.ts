import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { type JsonObject, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../pipeline/http-message.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createIssuedCertificate } from '../tls/serving-certificate.ts';
import { startHttpListener } from './listener.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const stack = new AsyncDisposableStack();
/** Bytes that the shell has taken of each watch, by the watch's label selector. */
const taken = new Map<string, number>();
let server: TestServer;
let session: ClientHttp2Session;

beforeAll(async () => {
  server = stack.use(await startTestServer());
  const { pki } = server;
  const certificate = stack.use(
    await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger: silentLogger }),
  );
  const listener = stack.use(
    await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger }),
  );
  listener.mount('', async (request) => counted(request, await server.server.pipeline(request)));
  const admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  session = connect(listener.url, { ca: pki.caBundle, cert: admin.certificate, key: admin.key });
  stack.defer(() => session.destroy());
});
afterAll(() => stack.disposeAsync());

/** The same response; its stream tells how much of it was asked for. */
function counted(request: ApiRequest, response: ApiResponse): ApiResponse {
  const { body } = response;
  const selector = request.query.get('labelSelector') ?? '';
  if (body instanceof Uint8Array) return response;
  const count = async function* () {
    for await (const chunk of body) {
      taken.set(selector, (taken.get(selector) ?? 0) + chunk.byteLength);
      yield chunk;
    }
  };
  return { ...response, body: count() };
}

interface Seen {
  readonly stream: ClientHttp2Stream;
  text: string;
}

async function watch(labelSelector: string): Promise<Seen> {
  const stream = session.request({ ':path': `${configMaps}?watch=true&labelSelector=${labelSelector}` });
  const seen: Seen = { stream, text: '' };
  stream.setEncoding('utf8');
  const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  expect(headers[':status']).toBe(200);
  stream.on('data', (text: string) => {
    seen.text += text;
  });
  return seen;
}

const create = (name: string, labels: JsonObject, value = 'v') =>
  send(server.server.pipeline, {
    method: 'POST',
    url: configMaps,
    body: { metadata: { name, labels }, data: { value } },
  });
const namesIn = ({ text }: Seen) => [...text.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name);

test('KA-140b KA-85 two hundred watches on one connection all see an event, and requests go on beside them', async () => {
  const watches = await Promise.all(Array.from({ length: 200 }, () => watch('many')));
  await create('seen', { many: '' });
  await eventually(() => watches.every((seen) => namesIn(seen).length > 0), { timeoutMs: 20_000 });
  expect(watches.map(namesIn)).toEqual(watches.map(() => ['seen']));
  const beside = session.request({ ':path': `${configMaps}/seen` });
  const { ':status': status } = await new Promise<Record<string, unknown>>((resolve) =>
    beside.once('response', resolve),
  );
  expect(status).toBe(200);
  for (const { stream } of [...watches, { stream: beside }]) stream.close();
});

test('KA-91 a slow reader holds back nobody and costs no memory, and misses nothing when it goes on', async () => {
  const fast = await watch('load,all!=no');
  const slow = await watch('load');
  slow.stream.pause();
  const names = Array.from({ length: 60 }, (_, index) => `load-${String(index).padStart(2, '0')}`);
  for (const name of names) await create(name, { load: '' }, 'x'.repeat(200_000));

  await eventually(() => namesIn(fast).length === names.length, { timeoutMs: 20_000 });
  expect(namesIn(fast)).toEqual(names);
  // Of 12 MB: what is under way in the connection's window and one batch.
  expect(taken.get('load') ?? 0).toBeLessThan(2 * 1024 * 1024);

  slow.stream.resume();
  await eventually(() => namesIn(slow).length === names.length, { timeoutMs: 20_000 });
  expect(namesIn(slow)).toEqual(names);
  for (const { stream } of [fast, slow]) stream.close();
});
