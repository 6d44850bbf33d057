import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';
import type { KeyPairPem } from '../tls/authority.ts';
import { type CertificateSource, createIssuedCertificate } from '../tls/serving-certificate.ts';
import { type HttpListener, startHttpListener } from './listener.ts';

/** Clients that send a little now and then, to hold a connection for ever: each is closed, others are served meanwhile. */
let server: TestServer;
let certificate: CertificateSource;
let listener: HttpListener;
let admin: KeyPairPem;

beforeAll(async () => {
  server = await startTestServer();
  const { pki } = server;
  certificate = await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger: silentLogger });
  listener = await startHttpListener({
    host: '127.0.0.1',
    port: 0,
    certificate,
    logger: silentLogger,
    // Enough for whoever means no harm, on a busy machine too.
    patience: { headersMs: 3_000, requestMs: 4_000, lookMs: 50 },
  });
  listener.mount('', server.server.pipeline);
  admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
});
afterAll(async () => {
  await listener[Symbol.asyncDispose]();
  certificate[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const identity = () => ({ ca: server.pki.caBundle, cert: admin.certificate, key: admin.key });
const overTls = () =>
  connectTls({ port: listener.port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'], ...identity() });

/** Sends the beginning, then the same piece again and again; resolves with all that came back once the server closes. */
function trickle(socket: Socket, begin: string, piece: string): Promise<string> {
  return new Promise((resolve) => {
    let seen = '';
    let timer: NodeJS.Timeout | undefined;
    const ready = 'encrypted' in socket ? 'secureConnect' : 'connect';
    socket.once(ready, () => {
      socket.write(begin);
      timer = setInterval(() => socket.write(piece), 40);
    });
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
    });
    // A reset is as good an end as any.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(timer);
      resolve(seen);
    });
  });
}

/** Somebody who means no harm. */
async function isServed(): Promise<boolean> {
  const answer = await trickle(overTls(), 'GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '');
  return answer.startsWith('HTTP/1.1 200 ');
}

const head = 'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

test.concurrent.each([
  {
    what: 'that never agree on TLS',
    socket: () => connectTcp(listener.port, '127.0.0.1'),
    begin: '',
    piece: '',
    answer: /^$/,
  },
  {
    what: 'whose headers never end',
    socket: overTls,
    begin: `${head}X-Long: `,
    piece: 'x',
    answer: /^($|HTTP\/1\.1 408 )/,
  },
  {
    what: 'whose body never ends',
    socket: overTls,
    begin: `${head}Content-Length: 100000\r\n\r\n`,
    piece: ' ',
    answer: /^($|HTTP\/1\.1 408 )/,
  },
])(
  'BI-29d, KA-140b connections $what are closed, others are served meanwhile',
  async ({ socket, begin, piece, answer }) => {
    const slow = trickle(socket(), begin, piece);
    expect(await isServed()).toBe(true);
    expect(await slow).toMatch(answer);
  },
);

test('BI-29d, KA-140a a request over HTTP/2 whose body never ends is answered at its deadline, its neighbours at once', async () => {
  const session = connectHttp2(listener.url, identity());
  const path = '/api/v1/namespaces/default/configmaps';
  const headers = { [constants.HTTP2_HEADER_METHOD]: 'POST', 'content-type': 'application/json' };
  const slow = session.request({ ...headers, [constants.HTTP2_HEADER_PATH]: `${path}?timeout=1s` });
  const timer = setInterval(() => slow.write(' '), 40);
  slow.resume();
  // With a piece on its way Node.js says that the stream was reset, and no more.
  const ended = new Promise((resolve) => {
    slow.once('aborted', resolve);
    slow.once('close', resolve);
  });
  slow.on('error', () => undefined);
  const status = await new Promise((resolve) => {
    slow.once('response', (answered) => resolve(answered[constants.HTTP2_HEADER_STATUS]));
  });
  expect(status).toBe(504);
  const neighbour = session.request({ [constants.HTTP2_HEADER_PATH]: path });
  neighbour.resume();
  expect(
    await new Promise((resolve) => {
      neighbour.once('response', (answered) => resolve(answered[constants.HTTP2_HEADER_STATUS]));
    }),
  ).toBe(200);
  await ended;
  clearInterval(timer);
  session.destroy();
});
