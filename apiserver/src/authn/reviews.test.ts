import { ApiError, apiError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import type { ActionContext } from '../registry/definition.ts';
import type { Authenticator, UserInfo } from './authenticator.ts';
import { createAuthenticatorChain } from './chain.ts';
import { createAuthenticationReviews } from './reviews.ts';

const bot: UserInfo = { name: 'bot', uid: 'u1', groups: ['g'], extra: { k: ['v'] } };
const known: Authenticator = {
  name: 'test',
  async authenticate({ authorization }, audiences = []) {
    if (authorization === 'Bearer broken') throw apiError('ServiceUnavailable', 'no database');
    if (authorization === 'Bearer for-whom') return { user: bot };
    return authorization === 'Bearer good' ? { user: bot, audiences } : undefined;
  },
};
const reviews = createAuthenticationReviews(createAuthenticatorChain([known]), ['hub', 'hub.example.com']);
const context: ActionContext = {
  user: bot,
  namespace: '',
  name: '',
  dryRun: false,
  authorize: () => ({ allowed: false, reason: '' }),
  signal: new AbortController().signal,
  now: 0,
};

async function review(spec: JsonObject) {
  try {
    return (await reviews.tokenReview({ kind: 'TokenReview', spec }, context)).status;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

test('KA-130d a good token gives user and audiences', async () => {
  const user = { username: 'bot', uid: 'u1', groups: ['g', 'system:authenticated'], extra: { k: ['v'] } };
  expect(await review({ token: 'good' })).toEqual({ authenticated: true, user, audiences: ['hub', 'hub.example.com'] });
  expect(await review({ token: 'good', audiences: ['x'] })).toEqual({ authenticated: true, user, audiences: ['x'] });
});

test('KA-130d a token that names no audience, such as a bootstrap token, is for this server alone', async () => {
  const seenFor = async (...audiences: string[]) => await review({ token: 'for-whom', audiences });
  expect([await seenFor(), await seenFor('vault', 'hub')]).toMatchObject([
    { authenticated: true, audiences: ['hub', 'hub.example.com'] },
    { authenticated: true, audiences: ['hub'] },
  ]);
  expect(await seenFor('vault')).toEqual({ authenticated: false, user: {}, error: 'invalid bearer token' });
});

test.each(['bad', 'good\r\nX-Remote-User: root', 'good x', ' '])(
  'KA-130d a bad token is an answer: %j',
  async (token) => {
    expect(await review({ token })).toEqual({ authenticated: false, user: {}, error: 'invalid bearer token' });
  },
);

test('KA-130d no token is a bad request, and a failure is a failure', async () => {
  expect(await review({})).toBe('400 token is required for TokenReview in authentication');
  expect(await review({ token: 'broken' })).toBe('503 no database');
});

test('KA-130c a self review shows the user, after impersonation', async () => {
  expect(await reviews.selfSubjectReview({ kind: 'SelfSubjectReview' }, context)).toEqual({
    kind: 'SelfSubjectReview',
    metadata: { creationTimestamp: '1970-01-01T00:00:00Z' },
    status: { userInfo: { username: 'bot', uid: 'u1', groups: ['g'], extra: { k: ['v'] } } },
  });
});
