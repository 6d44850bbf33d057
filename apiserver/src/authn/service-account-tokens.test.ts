import { createHmac } from 'node:crypto';
import { ApiError, isUnauthorized } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { type FakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActionContext } from '../registry/definition.ts';
import { type StoredObjects, startStoredObjects } from '../testing/stored-objects.ts';
import { createSigningKeysText, readSigningKeys, type SigningKeys } from '../tls/signing-keys.ts';
import { jsonWebKeySet, openIdConfiguration } from './openid.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from './service-account-tokens.ts';
import { createTokenRequest } from './token-request.ts';

const issuer = 'https://hub.example.com';
const audiences = [issuer];
let objects: StoredObjects;
let clock: FakeClock;
let keys: SigningKeys;
let tokens: ServiceAccountTokens;

beforeEach(async () => {
  objects = await startStoredObjects(testLogger());
  clock = objects.clock;
  keys = await readSigningKeys(await createSigningKeysText());
  tokens = createServiceAccountTokens({ keys, issuer, audiences, store: objects.store, clock });
  await objects.put('serviceaccounts', { metadata: { name: 'bot', namespace: 'n', uid: 'u1' } });
  await objects.put('secrets', { metadata: { name: 's', namespace: 'n', uid: 'u2' } });
  await objects.put('nodes', { metadata: { name: 'node', uid: 'u5' } });
  const pod = (name: string, uid: string, serviceAccountName: string) =>
    objects.put('pods', { metadata: { name, namespace: 'n', uid }, spec: { serviceAccountName, nodeName: 'node' } });
  await pod('p', 'u3', 'bot');
  await pod('other', 'u4', 'someone');
});
afterEach(() => objects[Symbol.asyncDispose]());

const spec = { namespace: 'n', name: 'bot', uid: 'u1', audiences, lifetimeSeconds: 600 };
const issue = async (more: Partial<Parameters<ServiceAccountTokens['issue']>[0]> = {}) =>
  (await tokens.issue({ ...spec, ...more })).token;

/** The authentication, `nothing`, or `401 cause`. */
async function who(token: string, asked?: string[]) {
  try {
    const credentials = { authorization: `Bearer ${token}`, clientCertificate: undefined };
    return (await tokens.authenticator.authenticate(credentials, asked)) ?? 'nothing';
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return `401 ${((error as Error).cause as Error).message}`;
  }
}

describe('KA-122 tokens', () => {
  test('KA-122 claims and header are Kubernetes', async () => {
    const token = await issue({ secret: { name: 's', uid: 'u2' } });
    const now = clock.now() / 1000;
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: keys.signing.kid });
    expect(decodeJwt(token)).toEqual({
      iss: issuer,
      sub: 'system:serviceaccount:n:bot',
      aud: [issuer],
      iat: now,
      nbf: now,
      exp: now + 600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: 'n', serviceaccount: { name: 'bot', uid: 'u1' }, secret: { name: 's', uid: 'u2' } },
    });
  });

  test('KA-121 a token is its service account, in its groups', async () => {
    const token = await issue();
    expect(await who(token)).toEqual({
      user: {
        name: 'system:serviceaccount:n:bot',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:n'],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${decodeJwt(token).jti}`] },
      },
      audiences,
      expiresAt: clock.now() + 600_000,
      restsOn: [{ resource: 'serviceaccounts', namespace: 'n', name: 'bot' }],
    });
  });

  test('KA-122 a token is for those of the asked audiences that it names', async () => {
    const token = await issue({ audiences: ['a', 'b'] });
    expect(await who(token, ['b', 'c'])).toMatchObject({ audiences: ['b'] });
    expect(await who(token)).toBe('401 the token is for another audience');
  });

  test('KA-122 keys rotate: all verify, one signs', async () => {
    const token = await issue();
    const next = await readSigningKeys(await createSigningKeysText());
    const both = { signing: next.signing, verifying: new Map([...next.verifying, ...keys.verifying]) };
    tokens = createServiceAccountTokens({ keys: both, issuer, audiences, store: objects.store, clock });
    expect(await who(token)).toMatchObject({ user: { name: 'system:serviceaccount:n:bot' } });
    expect(decodeProtectedHeader(await issue()).kid).toBe(next.signing.kid);
    tokens = createServiceAccountTokens({ keys: next, issuer, audiences, store: objects.store, clock });
    expect(await who(token)).toBe('401 the token is signed by an unknown key');
  });

  test('KA-123 an outsider verifies it by the published documents alone', async () => {
    const { jwks_uri: uri, issuer: published } = openIdConfiguration(issuer);
    expect([uri, published]).toEqual(['https://hub.example.com/openid/v1/jwks', issuer]);
    const set = jsonWebKeySet(keys);
    expect(JSON.stringify(set)).not.toContain('"d"');
    const found = await jwtVerify(await issue(), createLocalJWKSet(set as unknown as JSONWebKeySet), {
      issuer,
      audience: issuer,
      currentDate: new Date(clock.now()),
    });
    expect(found.payload.sub).toBe('system:serviceaccount:n:bot');
  });
});

describe('BI-26 refused tokens', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('BI-26 no algorithm at all', async () => {
    const [, payload] = (await issue()).split('.');
    expect(await who(`${encode({ alg: 'none', kid: keys.signing.kid })}.${payload}.`)).toMatch(/^401 /);
  });

  test('BI-26 the public key used as a shared secret', async () => {
    const [, payload] = (await issue()).split('.');
    const head = `${encode({ alg: 'HS256', kid: keys.signing.kid })}.${payload}`;
    const [key] = keys.verifying.values();
    const secret = key?.publicKey.export({ format: 'pem', type: 'spki' }) ?? '';
    expect(await who(`${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`)).toMatch(/^401 /);
  });

  test('BI-26 a changed payload, a changed signature', async () => {
    const token = await issue();
    const [head, payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JsonObject;
    expect(
      await who(`${head}.${encode({ ...claims, sub: 'system:serviceaccount:kube-system:root' })}.${signature}`),
    ).toMatch(/^401 /);
    expect(await who(`${head}.${payload}.${signature.slice(0, -4)}AAAA`)).toMatch(/^401 /);
  });

  test('BI-26 an expired token, though it was good before; a token from the future', async () => {
    const token = await issue();
    expect(await who(token)).toMatchObject({ user: { uid: 'u1' } });
    clock.jump(661_000);
    expect(await who(token)).toBe('401 the token has expired');
    clock.jump(-800_000);
    expect(await who(token)).toBe('401 the token is not valid yet');
  });

  test('F-20, BI-26 a minute of difference between clocks ends no token, and delays none', async () => {
    const token = await issue();
    clock.jump(659_000);
    expect(await who(token)).toMatchObject({ user: { uid: 'u1' } });
    clock.jump(-718_000);
    expect(await who(token)).toMatchObject({ user: { uid: 'u1' } });
  });

  test('BI-26 a key of somebody else under our key id', async () => {
    const other = await readSigningKeys(await createSigningKeysText());
    const forged = { signing: { ...other.signing, kid: keys.signing.kid }, verifying: other.verifying };
    const forger = createServiceAccountTokens({ keys: forged, issuer, audiences, store: objects.store, clock });
    expect(await who((await forger.issue(spec)).token)).toMatch(/^401 signature verification failed/);
  });

  test('BI-26 claims that lack something or say two things', async () => {
    const make = (claims: JsonObject) =>
      new SignJWT({
        iss: issuer,
        sub: 'system:serviceaccount:n:bot',
        aud: audiences,
        exp: clock.now() / 1000 + 60,
        iat: 0,
        nbf: 0,
        jti: 'x',
        'kubernetes.io': { namespace: 'n', serviceaccount: { name: 'bot', uid: 'u1' } },
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: keys.signing.kid })
        .sign(keys.signing.privateKey);
    expect(await who(await make({}))).toMatchObject({ user: { uid: 'u1' } });
    expect(await who(await make({ sub: 'system:serviceaccount:kube-system:root' }))).toBe(
      '401 the subject of the token is not its service account',
    );
    expect(await who(await make({ 'kubernetes.io': {} }))).toBe('401 claim namespace is not a text');
    expect(
      await who(await make({ 'kubernetes.io': { namespace: 'n', serviceaccount: { name: '', uid: 'u1' } } })),
    ).toBe('401 claim serviceaccount.name is not a text');
    expect(await who(await make({ aud: issuer }))).toBe('401 claim aud is not a list');
    expect(await who(await make({ exp: '99999999999' }))).toBe('401 claim exp is not a number');
  });

  test('KA-122 a deleted account, another of the same name, an account on its way out', async () => {
    const token = await issue();
    expect(await who(token)).toMatchObject({ user: { uid: 'u1' } });
    await objects.put('serviceaccounts', {
      metadata: { name: 'bot', namespace: 'n', uid: 'u1', deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    expect(await who(token)).toBe('401 serviceaccounts of the token is being deleted');
    await objects.remove({ resource: 'serviceaccounts', namespace: 'n', name: 'bot' });
    expect(await who(token)).toBe('401 serviceaccounts of the token is gone');
    await objects.put('serviceaccounts', { metadata: { name: 'bot', namespace: 'n', uid: 'u9' } });
    expect(await who(token)).toBe('401 serviceaccounts of the token is gone');
  });

  test('RG-41, BI-26 only who holds a good token of an account whose namespace is gone is told so', async () => {
    const told = async (token: string) => {
      const credentials = { authorization: `Bearer ${token}`, clientCertificate: undefined };
      const refused: unknown = await tokens.authenticator.authenticate(credentials).catch((error: unknown) => error);
      if (!(refused instanceof ApiError)) throw new Error('the token was taken');
      const { code, message, details } = refused.status;
      return { code, message, causes: details?.causes?.map(({ reason }) => reason) };
    };
    const plain = { code: 401, message: 'Unauthorized', causes: undefined };
    await objects.put('namespaces', { metadata: { name: 'n', uid: 'u8' } });
    const token = await issue();
    await objects.remove({ resource: 'serviceaccounts', namespace: 'n', name: 'bot' });
    expect(await told(token)).toEqual(plain);
    await objects.remove({ resource: 'namespaces', namespace: '', name: 'n' });
    expect(await told(token)).toEqual({ ...plain, causes: ['AccountNamespaceGone'] });

    const [head, payload = ''] = token.split('.');
    expect(await told(`${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`)).toEqual(plain);
    expect(await told(await issue({ audiences: ['another'] }))).toEqual(plain);
    const others = await readSigningKeys(await createSigningKeysText());
    const replaced = createServiceAccountTokens({ keys: others, issuer, audiences, store: objects.store, clock });
    expect(await told((await replaced.issue(spec)).token)).toEqual(plain);
    clock.jump(661_000);
    expect(await told(token)).toEqual(plain);
  });

  test('KA-117 a token without a time of its own lasts as long as the Secret that it is bound to, and needs one', async () => {
    const lasting = await issue({ lifetimeSeconds: undefined, secret: { name: 's', uid: 'u2' } });
    clock.jump(10 * 365 * 86_400_000);
    expect(await who(lasting)).toEqual({
      user: expect.anything(),
      audiences,
      restsOn: [
        { resource: 'serviceaccounts', namespace: 'n', name: 'bot' },
        { resource: 'secrets', namespace: 'n', name: 's' },
      ],
    });
    expect(await who(await issue({ lifetimeSeconds: undefined }))).toBe('401 the token has no end');
    await objects.remove({ resource: 'secrets', namespace: 'n', name: 's' });
    expect(await who(lasting)).toBe('401 secrets of the token is gone');
  });

  test('KA-122 a token bound to a secret ends with it', async () => {
    const token = await issue({ secret: { name: 's', uid: 'u2' } });
    expect(await who(token)).toMatchObject({ user: { uid: 'u1' } });
    await objects.remove({ resource: 'secrets', namespace: 'n', name: 's' });
    expect(await who(token)).toBe('401 secrets of the token is gone');
  });

  test.each(['', 'x', 'a.b', 'a.b.c', 'abcdef.0123456789abcdef', `${'a'.repeat(10)}.${'b'.repeat(10)}.`])(
    'KA-120 what is no token of ours is left to others: %j',
    async (token) => expect(await who(token)).toBe('nothing'),
  );

  test('KA-120 a token of another issuer is left to others', async () => {
    const foreign = createServiceAccountTokens({ keys, issuer: 'https://x', audiences, store: objects.store, clock });
    expect(await who((await foreign.issue(spec)).token)).toBe('nothing');
  });
});

describe('KA-121 token requests', () => {
  const context = (): ActionContext => ({
    user: { name: 'ada', groups: [] },
    namespace: 'n',
    name: 'bot',
    dryRun: false,
    authorize: () => ({ allowed: false, reason: '' }),
    signal: new AbortController().signal,
    now: clock.now(),
  });
  const request = async (body: JsonObject, more: Partial<ActionContext> = {}) => {
    try {
      return await createTokenRequest(tokens, objects.store)(body, { ...context(), ...more });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return `${error.code} ${error.message}`;
    }
  };

  test('KA-121 defaults: one hour, for the server itself, name from the URL', async () => {
    const answer = await request({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
    expect(answer).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: 'bot', namespace: 'n' },
      spec: { audiences, expirationSeconds: 3600 },
      status: { token: expect.any(String), expirationTimestamp: '2026-01-01T01:00:00Z' },
    });
    const { token } = (answer as { status: { token: string } }).status;
    expect(await who(token)).toMatchObject({ user: { name: 'system:serviceaccount:n:bot' } });
  });

  test('KA-121 audiences, time and a bound secret are taken over', async () => {
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 's' };
    const answer = await request({ spec: { audiences: ['x'], expirationSeconds: 600, boundObjectRef } });
    const { token } = (answer as { status: { token: string } }).status;
    expect(decodeJwt(token)).toMatchObject({
      aud: ['x'],
      exp: clock.now() / 1000 + 600,
      'kubernetes.io': { secret: { name: 's', uid: 'u2' } },
    });
  });

  test('KA-121, KA-122 bound to a pod it names the pod and its node, and ends with the pod', async () => {
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'u3' };
    const { token } = ((await request({ spec: { boundObjectRef } })) as { status: { token: string } }).status;
    expect(await who(token)).toMatchObject({
      user: {
        extra: {
          'authentication.kubernetes.io/pod-name': ['p'],
          'authentication.kubernetes.io/pod-uid': ['u3'],
          'authentication.kubernetes.io/node-name': ['node'],
          'authentication.kubernetes.io/node-uid': ['u5'],
        },
      },
    });
    await objects.remove({ resource: 'nodes', namespace: '', name: 'node' });
    expect(await who(token)).not.toBe('401 nodes of the token is gone');
    await objects.remove({ resource: 'pods', namespace: 'n', name: 'p' });
    expect(await who(token)).toBe('401 pods of the token is gone');
  });

  test('KA-121, KA-122 bound to a node it ends with the node', async () => {
    const boundObjectRef = { kind: 'Node', apiVersion: 'v1', name: 'node' };
    const { token } = ((await request({ spec: { boundObjectRef } })) as { status: { token: string } }).status;
    expect(await who(token)).toMatchObject({ restsOn: [{}, { resource: 'nodes', namespace: '', name: 'node' }] });
    await objects.remove({ resource: 'nodes', namespace: '', name: 'node' });
    expect(await who(token)).toBe('401 nodes of the token is gone');
  });

  test.each([
    {
      name: 'KA-121 too short',
      body: { spec: { expirationSeconds: 599 } },
      want: '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    },
    {
      name: 'KA-121 too long',
      body: { spec: { expirationSeconds: 2 ** 32 + 1 } },
      want: '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    },
    {
      name: 'KA-121 another name in the body',
      body: { metadata: { name: 'x' } },
      want: '422 TokenRequest.authentication.k8s.io "bot" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified',
    },
    {
      name: 'KA-121 bound to a kind that no token can be bound to',
      body: { spec: { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'p' } } },
      want: '400 cannot bind token to object of type /v1, Kind=ConfigMap',
    },
    {
      name: 'KA-121 bound to a pod that is not there',
      body: { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'zz' } } },
      want: '404 pods "zz" not found',
    },
    {
      name: 'KA-121 bound to a pod of another account',
      body: { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } } },
      want: '400 cannot bind a token of service account bot to a pod of service account someone',
    },
    {
      name: 'KA-121 bound to a secret that is not there',
      body: { spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'zz' } } },
      want: '404 secrets "zz" not found',
    },
    {
      name: 'KA-121 bound to a secret of another uid',
      body: { spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'other' } } },
      want: '409 Operation cannot be fulfilled on secrets "s": the uid other of the bound object reference is not that of the secret, which is u2',
    },
    {
      name: 'KA-121 for an account of another uid',
      body: { metadata: { uid: 'other' } },
      want: '409 Operation cannot be fulfilled on tokenrequests.authentication.k8s.io "bot": the uid other is not that of the service account, which is u1',
    },
  ])('$name', async ({ body, want }) => {
    expect(await request(body)).toBe(want);
  });

  test('KA-121 an account that does not exist', async () => {
    expect(await request({}, { name: 'zz' })).toBe('404 serviceaccounts "zz" not found');
  });
});
