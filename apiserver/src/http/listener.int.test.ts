import { connect, constants } from 'node:http2';
import { request } from 'node:https';
import { encodeJson, parseJson, silentLogger, systemClock } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pipeline } from '../pipeline/http-message.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import type { KeyPairPem } from '../tls/authority.ts';
import { type CertificateSource, createIssuedCertificate } from '../tls/serving-certificate.ts';
import { type HttpListener, startHttpListener } from './listener.ts';

let server: TestServer;
let certificate: CertificateSource;
let listener: HttpListener;
let admin: KeyPairPem;

beforeAll(async () => {
  server = await startTestServer();
  certificate = await createIssuedCertificate({
    pki: server.pki,
    names: ['127.0.0.1'],
    clock: systemClock,
    logger: silentLogger,
  });
  listener = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger });
  listener.mount('', server.server.pipeline);
  admin = await server.pki.issueClient({ user: 'admin', groups: ['system:masters'] });
});
afterAll(async () => {
  await listener[Symbol.asyncDispose]();
  certificate[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

interface Sent {
  readonly at?: HttpListener;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly client?: KeyPairPem;
  readonly body?: string;
  /** Called when the status is there, and the body may still be to come. */
  readonly onHead?: () => void;
}

/** One request over HTTP/1.1. */
function http1(
  path: string,
  { at = listener, method = 'GET', headers = {}, client, body, onHead }: Sent = {},
): Promise<Answer> {
  const identity = client === undefined ? {} : { cert: client.certificate, key: client.key };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: at.host, port: at.port, path, method, headers, ca: server.pki.caBundle, agent: false, ...identity },
      (response) => {
        onHead?.();
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** One request over HTTP/2. */
function http2(
  path: string,
  client: KeyPairPem,
  at = listener,
): Promise<{ status: number; text: string; alpn: string }> {
  const session = connect(at.url, { ca: server.pki.caBundle, cert: client.certificate, key: client.key });
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: path });
    let status = 0;
    let text = '';
    stream.on('response', (headers) => {
      status = Number(headers[constants.HTTP2_HEADER_STATUS] ?? 0);
    });
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('error', reject);
    stream.on('end', () => {
      const alpn = session.alpnProtocol ?? '';
      session.close();
      resolve({ status, text, alpn });
    });
    stream.end();
  });
}

async function* piecesThenError(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the first piece');
  throw new Error('where it comes from is gone');
}

describe('protocols', () => {
  test('KA-144 HTTP/2 and HTTP/1.1 by ALPN, each with its client certificate', async () => {
    const two = await http2('/api/v1/namespaces', admin);
    expect([two.status, two.alpn]).toEqual([200, 'h2']);
    expect((await http1('/api/v1/namespaces', { client: admin })).status).toBe(200);
  });

  test('KA-120 without a certificate the caller is anonymous', async () => {
    expect((await http1('/version')).status).toBe(200);
    const { status, text } = await http1('/api/v1/namespaces');
    expect([status, text]).toEqual([403, expect.stringContaining('system:anonymous')]);
  });

  test.each(['/api/v1/%zz', '/%'])(
    'KA-9a KA-36 a path that cannot be read is refused like all else: %s',
    async (path) => {
      const answers = [await http1(path), await http2(path, admin)];
      for (const { status, text } of answers) {
        expect([status, parseJson(text)]).toEqual([
          400,
          expect.objectContaining({ kind: 'Status', reason: 'BadRequest' }),
        ]);
      }
      expect(answers[0]).toMatchObject({ headers: { 'audit-id': expect.any(String) } });
    },
  );

  test('KA-144c plain HTTP is for loopback only', async () => {
    await expect(startHttpListener({ host: '0.0.0.0', port: 0, logger: silentLogger })).rejects.toThrow(
      'loopback only',
    );
    await using plain = await startHttpListener({ host: '127.0.0.1', port: 0, logger: silentLogger });
    expect(plain.url).toBe(`http://127.0.0.1:${plain.port}`);
  });

  test('KA-85 a watch answers before there is an event', async () => {
    const session = connect(listener.url, { ca: server.pki.caBundle, cert: admin.certificate, key: admin.key });
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: '/api/v1/namespaces/default/secrets?watch=true' });
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve));
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200);
    stream.close();
    await new Promise<void>((resolve) => session.close(resolve));
  });

  test('KA-31c large answers are compressed', async () => {
    const url = '/api/v1/namespaces/default/configmaps';
    const body = encodeJson({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'large' },
      data: { a: 'x'.repeat(300_000) },
    });
    const headers = { 'content-type': 'application/json' };
    expect((await http1(url, { method: 'POST', body, headers, client: admin })).status).toBe(201);
    for (const path of [`${url}/large`, url]) {
      const answer = await http1(path, { client: admin, headers: { 'accept-encoding': 'gzip' } });
      expect([answer.headers['content-encoding'], answer.text.length < 100_000]).toEqual(['gzip', true]);
      expect((await http1(path, { client: admin })).headers['content-encoding']).toBeUndefined();
    }
  });
});

describe('requests', () => {
  const seen: unknown[] = [];
  const echo: Pipeline = (api) => {
    seen.push({
      path: api.path,
      query: api.query.toString(),
      headers: { ...api.headers },
      lists: { ...api.headerLists },
    });
    return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('echo') });
  };

  test('SEC-6 headers of front proxies are stripped, repeated impersonation headers are lists', async () => {
    using _mount = listener.mount('/members/m1', echo);
    const headers = {
      'x-remote-user': 'root',
      'X-Remote-Extra-A': 'b',
      'impersonate-group': ['a', 'b,c'],
      'x-mine': 'kept',
    };
    await http1('/members/m1/api/v1?a=b', { headers });
    expect(seen.at(-1)).toEqual({
      path: '/api/v1',
      query: 'a=b',
      headers: expect.objectContaining({ 'x-mine': 'kept' }),
      lists: { 'impersonate-group': ['a', 'b,c'] },
    });
    const names = Object.keys((seen.at(-1) as { headers: object }).headers);
    expect(names.filter((name) => name.startsWith('x-remote-'))).toEqual([]);
  });

  test('KA-92 while a server starts, clients are told to come again; then a path of nobody is 404', async () => {
    await using bare = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger });
    const early = await http1('/', { at: bare });
    expect([early.status, early.headers['retry-after']]).toEqual([503, '1']);
    bare.mount('/a', server.server.pipeline);
    expect((await http1('/', { at: bare })).status).toBe(404);
  });

  test('KA-140 RG-50 an answer that breaks off does not look whole, over HTTP/2 and over HTTP/1.1', async () => {
    await using breaking = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger });
    breaking.mount('', async () => ({ status: 200, headers: {}, body: piecesThenError() }));
    await expect(http2('/', admin, breaking)).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
    await expect(http1('/', { at: breaking })).rejects.toThrow('aborted');
  });

  test('a port in use is an error', async () => {
    const taken = startHttpListener({ host: '127.0.0.1', port: listener.port, certificate, logger: silentLogger });
    await expect(taken).rejects.toThrow('EADDRINUSE');
  });
});

test('KA-145 a stop ends watches cleanly and refuses what comes after', async () => {
  const stopping = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger: silentLogger });
  stopping.mount('', server.server.pipeline);
  const opened = Promise.withResolvers<void>();
  const watching = http1('/api/v1/namespaces/default/secrets?watch=true&resourceVersion=0', {
    at: stopping,
    client: admin,
    onHead: opened.resolve,
  });
  await Promise.race([opened.promise, watching]);
  await stopping.stop();
  expect(await watching).toMatchObject({ status: 200, text: '' });
  await expect(http1('/version', { at: stopping })).rejects.toThrow('ECONNREFUSED');
});
