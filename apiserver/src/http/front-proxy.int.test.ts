import { createPublicKey } from 'node:crypto';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { ConfigMap, ignoreNotFound } from '@quarterdeck/apis';
import { type JsonObject, parseJson, silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isIdentityHeader } from '../authn/front-proxy.ts';
import { systemUser } from '../server.ts';
import { newKey } from '../testing/certificate-requests.ts';
import { newAuthority } from '../testing/certificates.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { type CertificateAuthority, issueCertificate, type KeyPairPem } from '../tls/authority.ts';
import { createIssuedCertificate } from '../tls/serving-certificate.ts';
import { type HttpListener, startHttpListener } from './listener.ts';

/** A front proxy in front of a real HTTPS server, and those who pretend to be one. */
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let listener: HttpListener;
let plain: HttpListener;
let proxy: KeyPairPem;
let admin: KeyPairPem;
let proxies: CertificateAuthority;

beforeAll(async () => {
  const now = Date.now();
  proxies = await newAuthority(now);
  const frontProxy = {
    caBundle: () => proxies.pem,
    allowedNames: ['front-proxy'],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: [],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-'],
  };
  server = cleanup.use(await startTestServer({ frontProxy, controllers: true }));
  const { pki } = server;
  const certificate = cleanup.use(
    await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger: silentLogger }),
  );
  const listen = { host: '127.0.0.1', port: 0, certificate, logger: silentLogger };
  listener = cleanup.use(await startHttpListener({ ...listen, isIdentityHeader: isIdentityHeader(frontProxy) }));
  listener.mount('', server.server.pipeline);
  plain = cleanup.use(await startHttpListener(listen));
  plain.mount('', server.server.pipeline);
  proxy = await clientOf(proxies, 'front-proxy', now);
  admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
});
afterAll(() => cleanup.disposeAsync());

async function clientOf(authority: CertificateAuthority, commonName: string, now: number): Promise<KeyPairPem> {
  const key = newKey();
  const subject = { commonName, organizations: [] };
  const publicKey = createPublicKey(key);
  const template = { subject, publicKey, usage: 'client' as const, lifetimeMs: 3_600_000, now };
  return {
    certificate: await issueCertificate(authority, template),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

type Headers = Record<string, string | string[]>;
const self = '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}';
const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Who the server takes the caller for, over HTTP/1.1; or its status code. */
async function who(headers: Headers, client?: KeyPairPem, at = listener): Promise<unknown> {
  const identity = client === undefined ? {} : { cert: client.certificate, key: client.key };
  const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      {
        host: at.host,
        port: at.port,
        path,
        method: 'POST',
        headers,
        ca: server.pki.caBundle,
        agent: false,
        ...identity,
      },
      (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => {
          text += piece.toString('utf8');
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(self);
  });
  if (answer.status !== 201) return answer.status;
  const { status } = parseJson(answer.text) as { status: { userInfo: JsonObject } };
  const { username, groups, extra } = status.userInfo;
  return { username, groups, ...(extra === undefined ? {} : { extra }) };
}

describe('headers of a front proxy', () => {
  test('KA-120b name the user, though the certificate is nobody to the API itself', async () => {
    const headers = {
      'X-Remote-User': 'ada',
      'X-Remote-Group': ['ops', 'dev'],
      'X-Remote-Extra-Example.com%2FScopes': ['view', 'edit'],
    };
    expect(await who(headers, proxy)).toEqual({
      username: 'ada',
      groups: ['ops', 'dev', 'system:authenticated'],
      extra: { 'example.com/scopes': ['view', 'edit'] },
    });
    expect(await who({}, proxy)).toBe(401);
  });

  test('KA-120b come before a bearer token, good or bad', async () => {
    expect(await who({ 'X-Remote-User': 'ada', Authorization: 'Bearer x' }, proxy)).toEqual({
      username: 'ada',
      groups: ['system:authenticated'],
    });
  });

  test('KA-120b the user that is named may impersonate with its own rights only', async () => {
    expect(await who({ 'X-Remote-User': 'ada', 'Impersonate-User': 'bob' }, proxy)).toBe(403);
    const mighty = { 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters', 'Impersonate-User': 'bob' };
    expect(await who(mighty, proxy)).toEqual({ username: 'bob', groups: ['system:authenticated'] });
  });

  test('KA-120b SEC-6 count for nothing from a client, from nobody, and from a strange CA', async () => {
    const headers = { 'X-Remote-User': 'ada', 'X-Remote-Group': 'ops' };
    expect(await who(headers, admin)).toMatchObject({ username: 'admin' });
    expect(await who(headers)).toBe(403);
    const strange = await clientOf(await newAuthority(Date.now()), 'front-proxy', Date.now());
    expect(await who(headers, strange)).toBe(401);
    expect(await who(headers, await clientOf(proxies, 'someone', Date.now()))).toBe(401);
  });

  test('KA-120b SEC-6 count for nothing on a listener that knows of no front proxy', async () => {
    expect(await who({ 'X-Remote-User': 'ada' }, proxy, plain)).toBe(401);
  });

  test('KA-120b over HTTP/2 too', async () => {
    const session = connect(listener.url, { ca: server.pki.caBundle, cert: proxy.certificate, key: proxy.key });
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'x-remote-user': 'ada',
      'x-remote-group': ['ops', 'dev'],
    });
    stream.end(self);
    let text = '';
    for await (const piece of stream) text += String(piece);
    session.close();
    expect(parseJson(text)).toMatchObject({
      status: { userInfo: { username: 'ada', groups: ['ops', 'dev', 'system:authenticated'] } },
    });
  });

  test('KA-120b KA-144d who is believed is published for programs of one own', async () => {
    const ref = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
    const client = server.server.client(systemUser);
    const { data } = await eventually(() => ignoreNotFound(client.get(ConfigMap, ref)));
    expect(data).toEqual({
      'client-ca-file': server.pki.caBundle,
      'requestheader-client-ca-file': proxies.pem,
      'requestheader-allowed-names': '["front-proxy"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    });
  });
});
