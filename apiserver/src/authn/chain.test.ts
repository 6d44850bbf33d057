import { apiError } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { Authentication, Authenticator, Credentials } from './authenticator.ts';
import { bearerToken, createAuthenticatorChain } from './chain.ts';
import { unauthorized } from './unauthorized.ts';

const answers = (outcome: Authentication | undefined | Error): Authenticator => ({
  name: 'test',
  authenticate: async () => {
    if (outcome instanceof Error) throw outcome;
    return outcome;
  },
});
const ada = answers({ user: { name: 'ada', groups: ['ops'] }, expiresAt: 5 });
const nothing: Credentials = { authorization: undefined, clientCertificate: undefined };
const bearer: Credentials = { ...nothing, authorization: 'Bearer x' };
const certificate: Credentials = { ...nothing, clientCertificate: new Uint8Array([1]) };

test.each([
  {
    name: 'KA-120 the first identity wins, and is authenticated',
    chain: [answers(undefined), ada, answers({ user: { name: 'eve', groups: [] } })],
    credentials: bearer,
    want: { user: { name: 'ada', groups: ['ops', 'system:authenticated'] }, expiresAt: 5 },
  },
  {
    name: 'KA-120 a good credential counts beside a bad one',
    chain: [answers(unauthorized()), ada],
    credentials: bearer,
    want: { user: { name: 'ada', groups: ['ops', 'system:authenticated'] }, expiresAt: 5 },
  },
  {
    name: 'KA-120 who presents nothing is anonymous',
    chain: [answers(undefined)],
    credentials: nothing,
    want: { user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } },
  },
])('$name', async ({ chain, credentials, want }) => {
  expect(await createAuthenticatorChain(chain).authenticate(credentials)).toEqual(want);
});

describe('401', () => {
  test.each([
    {
      name: 'BI-26 a credential that one finds bad',
      chain: [answers(unauthorized()), answers(undefined)],
      credentials: bearer,
    },
    { name: 'BI-26 a token that nobody knows', chain: [answers(undefined)], credentials: bearer },
    { name: 'BI-26 a certificate that nobody looks at', chain: [], credentials: certificate },
    { name: 'BI-26 a scheme that nobody knows', chain: [], credentials: { ...nothing, authorization: 'Basic YTpi' } },
    { name: 'BI-26 an empty authorization header', chain: [], credentials: { ...nothing, authorization: '' } },
    {
      name: 'SEC-14 an identity without a name',
      chain: [answers({ user: { name: '', groups: ['system:masters'] } })],
      credentials: bearer,
    },
  ])('$name', async ({ chain, credentials }) => {
    await expect(createAuthenticatorChain(chain).authenticate(credentials)).rejects.toMatchObject({
      status: { reason: 'Unauthorized', code: 401, message: 'Unauthorized' },
    });
  });

  test('KA-120 anonymity can be switched off', async () => {
    const chain = createAuthenticatorChain([], { anonymous: false });
    await expect(chain.authenticate(nothing)).rejects.toMatchObject({ code: 401 });
  });
});

test('KA-41 a failure that is not about the credential is not called one', async () => {
  const chain = createAuthenticatorChain([answers(apiError('ServiceUnavailable', 'no database')), ada]);
  await expect(chain.authenticate(bearer)).rejects.toMatchObject({ code: 503 });
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Basic abc', undefined],
  ['Bearerabc', undefined],
])('KA-120 authorization %j holds token %j', (authorization, token) => {
  expect(bearerToken({ authorization, clientCertificate: undefined })).toBe(token);
});
