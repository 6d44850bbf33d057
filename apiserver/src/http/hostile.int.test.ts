import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pipeline } from '../pipeline/http-message.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { type CertificateSource, createIssuedCertificate } from '../tls/serving-certificate.ts';
import { type HttpListener, startHttpListener } from './listener.ts';

/** Connections that mean harm: each is closed or refused, and the next caller is served. */
let server: TestServer;
let certificate: CertificateSource;
let plain: HttpListener;
let secure: HttpListener;
let answered = 0;

const counting: Pipeline = async () => {
  answered += 1;
  return { status: 200, headers: {}, body: Buffer.from('served') };
};

beforeAll(async () => {
  server = await startTestServer();
  const { pki } = server;
  certificate = await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger: silentLogger });
  plain = await startHttpListener({ host: '127.0.0.1', port: 0, logger: silentLogger });
  secure = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger });
  plain.mount('', counting);
  secure.mount('', counting);
});
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
  certificate[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Sends bytes as they are over HTTP/1.1, and reads until the server closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(plain.port, '127.0.0.1', () => socket.write(text));
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
    });
    // A reset is as good an end as any.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });
}

const good = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const head = 'POST / HTTP/1.1\r\nHost: a\r\n';

describe('HTTP/1.1', () => {
  test.each([
    ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a length beside chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${good}`],
    ['chunks beside a length', `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${good}`],

    ['a blank before the colon', `${head}Content-Length : 5\r\n\r\nhello`],
    ['a line that ends in LF alone', `GET / HTTP/1.1\nHost: a\n\n`],
    ['no HTTP at all', '\u0000\u0001junk\r\n\r\n'],
  ])('BI-29a %s is refused and the connection closed, and nothing after it counts', async (_what, text) => {
    const before = answered;
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 400 /);
    expect(answered).toBe(before);
    expect(await raw(good)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('BI-29b headers of a megabyte are refused', async () => {
    const before = answered;
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(1_000_000)}\r\n\r\n`);
    expect(answer === '' || answer.startsWith('HTTP/1.1 431 ')).toBe(true);
    expect(answered).toBe(before);
    expect(await raw(good)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

const framed = (type: number, flags: number, stream: number, payload: readonly number[]): Buffer => {
  const frame = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 0, ...payload]);
  frame.writeUInt32BE(stream, 5);
  return frame;
};
/** GET / of https, the last header in HPACK's form of a literal: host `a`. */
const requestHeaders = [0x82, 0x87, 0x84, 0x01, 0x01, 0x61];
const endOfRequest = constants.NGHTTP2_FLAG_END_STREAM | constants.NGHTTP2_FLAG_END_HEADERS;
const [settingsFrame, headersFrame, resetFrame] = [4, 1, 3];

/** By frames, not by Node's client, which under load does not always hear that its connection is gone. */
function resetUntilCutOff(): Promise<void> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: secure.port, ca: server.pki.caBundle, ALPNProtocols: ['h2'] };
    const socket = connectTls(options, () => {
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      socket.write(framed(settingsFrame, 0, 0, []));
      attack(1);
    });
    const attack = (first: number): void => {
      if (socket.destroyed) return;
      const frames: Buffer[] = [];
      for (let stream = first; stream < first + 1000; stream += 2) {
        frames.push(framed(headersFrame, endOfRequest, stream, requestHeaders));
        frames.push(framed(resetFrame, 0, stream, [0, 0, 0, constants.NGHTTP2_CANCEL]));
      }
      socket.write(Buffer.concat(frames), () => setImmediate(attack, first + 1000));
    };
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

describe('HTTP/2', () => {
  test('BI-29c who resets streams as fast as they can is cut off, others are served', async () => {
    await resetUntilCutOff();
    const other = connectHttp2(secure.url, { ca: server.pki.caBundle });
    const status = await new Promise((resolve, reject) => {
      other.on('error', reject);
      const stream = other.request({ [constants.HTTP2_HEADER_PATH]: '/' });
      stream.on('response', (headers) => resolve(headers[constants.HTTP2_HEADER_STATUS]));
      stream.resume();
    });
    other.destroy();
    expect(status).toBe(200);
  });
});
