import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { X509CertificateGenerator } from '@peculiar/x509';
import {
  apiError,
  type CertificateSigningRequest,
  type KubeObject,
  memberAccountName,
  StatusReason,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createKey } from './certificate-request.ts';
import type { Held } from './held.ts';
import { join, renew } from './obtain.ts';
import { NoTokenError } from './own-token.ts';

/** A hub that gives tokens: it judges requests at once, and lets fetch a token after so many refusals. */
function hubThatGivesTokens({ refusals = 0, takesRequests = true } = {}) {
  const asked: string[] = [];
  let left = refusals;
  const requests = new Map<string, CertificateSigningRequest>();
  const client = {
    create: async (type: { kind: string }, object: KubeObject, { subresource }: { subresource?: string }) => {
      if (subresource === 'token') {
        asked.push(`token ${object.metadata.namespace}/${object.metadata.name}`);
        if (left-- > 0) throw apiError(StatusReason.Forbidden, 'not yet');
        return { status: { token: 'a.b.c', expirationTimestamp: '2026-01-08T00:00:00Z' } };
      }
      if (!takesRequests) throw apiError(StatusReason.Forbidden, 'no right to ask');
      const request = object as CertificateSigningRequest;
      asked.push(`${type.kind} ${request.spec.signerName}`);
      requests.set(object.metadata.name ?? '', request);
      return object;
    },
    get: async (_type: unknown, { name }: { name: string }) => {
      const request = requests.get(name);
      const isForToken = request?.spec.signerName === 'quarterdeck.dev/agent-token';
      const condition = isForToken
        ? { type: 'Approved', status: 'True' }
        : { type: 'Denied', status: 'True', reason: 'QuarterdeckGivesTokens', message: 'tokens only' };
      return { ...request, status: { conditions: [condition] } };
    },
  };
  return { asked, client: client as unknown as Client };
}

async function settled<T>(call: Promise<T>, clock: ReturnType<typeof fakeClock>): Promise<T> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  call.then(done, done);
  // Keys are imported by threads of the crypto library, which no fake clock moves.
  while (!isDone) {
    await clock.advance(1_000);
    await setImmediate();
  }
  return await call;
}

const account = memberAccountName('uid-1');
const options = (hub: ReturnType<typeof hubThatGivesTokens>, clock: ReturnType<typeof fakeClock>) => ({
  hubClient: hub.client,
  clusterName: 'm1',
  key: createKey(),
  clock,
  signal: new AbortController().signal,
});

test('RG-7 an agent asks for a certificate, hears that there are tokens, asks to be let in, and fetches one when it may', async () => {
  const [clock, hub] = [fakeClock(), hubThatGivesTokens({ refusals: 2 })];
  const held = await settled(join(options(hub, clock), 'uid-1'), clock);
  expect(held).toMatchObject({ make: 'token', token: 'a.b.c', account, expires: Date.parse('2026-01-08T00:00:00Z') });
  expect(hub.asked).toEqual([
    'CertificateSigningRequest kubernetes.io/kube-apiserver-client',
    'CertificateSigningRequest quarterdeck.dev/agent-token',
    ...Array(3).fill(`token member-m1/${account}`),
  ]);
});

test('RG-7 a hub that lets in and gives no token is given up, with its words', async () => {
  const [clock, hub] = [fakeClock(), hubThatGivesTokens({ refusals: Number.POSITIVE_INFINITY })];
  const joining = settled(join(options(hub, clock), 'uid-1'), clock);
  await expect(joining).rejects.toBeInstanceOf(NoTokenError);
  await expect(joining).rejects.toThrow('not yet');
});

const token: Held = { make: 'token', token: 'old', account, issued: 0, expires: 1 };

test('RG-7 a token is renewed by its own account, without a request', async () => {
  const [clock, hub] = [fakeClock(), hubThatGivesTokens()];
  expect(await settled(renew(options(hub, clock), token), clock)).toMatchObject({ token: 'a.b.c', account });
  expect(hub.asked).toEqual([`token member-m1/${account}`]);
});

test('RG-7, RG-22 an account that may renew no more is told at once', async () => {
  const [clock, hub] = [fakeClock(), hubThatGivesTokens({ refusals: 1 })];
  await expect(settled(renew(options(hub, clock), token), clock)).rejects.toMatchObject({ code: 403 });
});

/** As a hub would have issued it before it gave tokens. */
async function certificateOf(name: string): Promise<Held> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(0),
    notAfter: new Date('2030-01-01T00:00:00Z'),
  });
  return { make: 'certificate', certificate: made.toString('pem'), key: '' };
}

test.each([
  { name: 'hears so', takesRequests: true },
  { name: 'may not even ask for a certificate', takesRequests: false },
])('RG-7 who holds a certificate gets a token where the hub gives those now, and $name', async ({ takesRequests }) => {
  const [clock, hub] = [fakeClock(), hubThatGivesTokens({ takesRequests })];
  const before = await certificateOf('quarterdeck:member:m1:uid-1');
  expect(await settled(renew(options(hub, clock), before), clock)).toMatchObject({ make: 'token', account });
  expect(hub.asked.at(-1)).toBe(`token member-m1/${account}`);
});
