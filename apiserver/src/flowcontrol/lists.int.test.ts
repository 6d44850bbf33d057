import { connect, constants } from 'node:http2';
import { createMetrics, type JsonObject, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpListener, startHttpListener } from '../http/listener.ts';
import { send } from '../testing/request.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createIssuedCertificate } from '../tls/serving-certificate.ts';
import { createListRoom } from './list-room.ts';

/** Room for two large lists that go out in pieces, and for none that must be decoded. */
const heap = { limitBytes: 8 * 1024 * 1024, usedBytes: () => 0 };
const configMaps = '/api/v1/namespaces/default/configmaps';

const cleanup = new AsyncDisposableStack();
const metrics = createMetrics();
let server: TestServer;
let listener: HttpListener;

beforeAll(async () => {
  server = cleanup.use(await startTestServer({ listRoom: createListRoom({ heap, metrics }) }));
  for (let index = 0; index < 6; index += 1) {
    const body: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${index}` },
      data: { text: 'x'.repeat(900_000) },
    };
    expect((await send(server.server.pipeline, { method: 'POST', url: configMaps, body })).status).toBe(201);
  }
  const { pki } = server;
  const names = ['127.0.0.1'];
  const certificate = await createIssuedCertificate({ pki, names, clock: systemClock, logger: silentLogger });
  cleanup.use(certificate);
  listener = cleanup.use(await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger }));
  listener.mount('', server.server.pipeline);
});
afterAll(() => cleanup.disposeAsync());

/** A connection of an administrator. */
async function connected() {
  const { certificate: cert, key } = await server.pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const session = connect(listener.url, { ca: server.pki.caBundle, cert, key });
  session.on('error', () => undefined);
  return session;
}

/** Asks, and reads nothing of the answer until told. */
async function ask(session: Awaited<ReturnType<typeof connected>>, path: string, headers: Record<string, string> = {}) {
  const stream = session.request({ ...headers, [constants.HTTP2_HEADER_PATH]: path });
  stream.on('error', () => undefined);
  const answer = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  const readAll = async () => Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).byteLength;
  return { status: answer[constants.HTTP2_HEADER_STATUS], retryAfter: answer['retry-after'], stream, readAll };
}

const held = async () => /bytes (\d+)/.exec(await metrics.text())?.[1];

test('F-31 large lists beyond the room are refused with when to come back, all else is served, and room comes back', async () => {
  const session = await connected();
  const [first, second] = [await ask(session, configMaps), await ask(session, configMaps)];
  expect([first.status, second.status]).toEqual([200, 200]);

  const third = await ask(session, configMaps);
  expect([third.status, third.retryAfter]).toEqual([429, '1']);
  const others = [
    await ask(session, `${configMaps}/c0`),
    await ask(session, '/api/v1/namespaces'),
    await ask(session, `${configMaps}?watch=1`),
    await ask(session, `${configMaps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`),
  ];
  expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200]);

  // One is read to its end, the reader of the other goes away.
  expect(await first.readAll()).toBeGreaterThan(5_400_000);
  second.stream.destroy();
  await eventually(async () => (await held()) === '0');
  expect((await ask(session, configMaps)).status).toBe(200);
  session.destroy();
  await eventually(async () => (await held()) === '0');
});

test.each([
  { what: 'indented', path: `${configMaps}?pretty=true`, headers: {} },
  { what: 'as YAML', path: configMaps, headers: { accept: 'application/yaml' } },
  { what: 'in protobuf', path: configMaps, headers: { accept: 'application/vnd.kubernetes.protobuf' } },
])('F-31 a list that would be decoded whole, $what, is refused with what to do instead', async ({ path, headers }) => {
  const session = await connected();
  const whole = await ask(session, path, headers);
  expect([whole.status, whole.retryAfter]).toEqual([429, '5']);
  await whole.readAll();
  session.destroy();
  expect(await held()).toBe('0');
});

test('F-31 the controllers of the hub itself are never refused, nor is the answer of a deletion that has happened', async () => {
  const controller = { name: 'system:kube-controller-manager', groups: ['system:masters', 'system:authenticated'] };
  const inProcess = { url: `${configMaps}?pretty=true`, user: controller };
  expect((await send(server.server.pipeline, inProcess)).status).toBe(200);

  const session = await connected();
  const deletion = await ask(session, `${configMaps}?pretty=true`, { [constants.HTTP2_HEADER_METHOD]: 'DELETE' });
  expect(deletion.status).toBe(200);
  session.destroy();
  expect((await send(server.server.pipeline, { url: configMaps })).json.items).toEqual([]);
});
