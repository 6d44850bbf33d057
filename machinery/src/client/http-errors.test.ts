import { ApiError } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import {
  answerFailure,
  type ConnectionError,
  connectionFailure,
  isConnectionError,
  isLostConnection,
  isUntrustedServer,
  timeoutFailure,
} from './http-errors.ts';

const what = 'GET https://hub/api/v1/namespaces';
const answer = { body: undefined, text: '', method: 'GET', retryAfterSeconds: undefined };

test('KA-36 the Status that a server sends is kept whole', () => {
  const status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 };
  expect(answerFailure(what, { ...answer, code: 404, body: status }).status).toEqual(status);
});

test('KA-36 a Status without code takes that of the answer', () => {
  const body = { apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'Odd' };
  expect(answerFailure(what, { ...answer, code: 418, body }).code).toBe(418);
});

test.each([
  { code: 301, method: 'GET', reason: 'InternalError' },
  { code: 400, method: 'GET', reason: 'BadRequest' },
  { code: 401, method: 'GET', reason: 'Unauthorized' },
  { code: 403, method: 'GET', reason: 'Forbidden' },
  { code: 404, method: 'GET', reason: 'NotFound' },
  { code: 409, method: 'POST', reason: 'AlreadyExists' },
  { code: 409, method: 'PUT', reason: 'Conflict' },
  { code: 410, method: 'GET', reason: 'Expired' },
  { code: 413, method: 'POST', reason: 'RequestEntityTooLarge' },
  { code: 418, method: 'GET', reason: 'Unknown' },
  { code: 429, method: 'GET', reason: 'TooManyRequests' },
  { code: 500, method: 'GET', reason: 'InternalError' },
  { code: 502, method: 'GET', reason: 'InternalError' },
  { code: 503, method: 'GET', reason: 'ServiceUnavailable' },
  { code: 504, method: 'GET', reason: 'Timeout' },
])('KA-37 an answer $code to $method without a Status is $reason', ({ code, method, reason }) => {
  const error = answerFailure(what, { ...answer, code, method, text: '<html>' });
  expect({ code: error.code, reason: error.reason }).toEqual({ code, reason });
});

test('KA-36 what is made up names the request, the code and the body, and keeps Retry-After', () => {
  const { status } = answerFailure(what, { ...answer, code: 503, text: 'no backend', retryAfterSeconds: 7 });
  expect(status).toEqual({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    reason: 'ServiceUnavailable',
    code: 503,
    message: `${what}: answered 503: no backend`,
    details: { retryAfterSeconds: 7 },
  });
});

test('an answer that never came is ServiceUnavailable, with the innermost words', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const error = connectionFailure(what, new AggregateError([refused]));
  expect({ code: error.code, message: error.message }).toEqual({
    code: 503,
    message: `${what}: connect ECONNREFUSED 127.0.0.1:1`,
  });
  expect((error.cause as ConnectionError).code).toBe('ECONNREFUSED');
  expect(isConnectionError(error)).toBe(true);
  expect(isLostConnection(error)).toBe(false);
  expect(isLostConnection(connectionFailure(what, Object.assign(new Error('x'), { code: 'ECONNRESET' })))).toBe(true);
});

test('a server of a CA that is not known is told as one', () => {
  const words = 'self-signed certificate in certificate chain';
  const error = connectionFailure(what, Object.assign(new Error(words), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }));
  expect(error.message).toBe(`${what}: the certificate shown there is of no CA that the server is known by (${words})`);
  expect([isUntrustedServer(error), isUntrustedServer(connectionFailure(what, new Error('x')))]).toEqual([true, false]);
});

test('an answer that took too long is a Timeout', () => {
  const error = timeoutFailure(what, 60_000);
  expect({ code: error.code, message: error.message }).toEqual({
    code: 504,
    message: `${what}: no answer within 60000 ms`,
  });
  expect(isConnectionError(error)).toBe(true);
});

test('what the server said itself is no connection error', () => {
  expect(isConnectionError(answerFailure(what, { ...answer, code: 503 }))).toBe(false);
  expect(isConnectionError(new Error('x'))).toBe(false);
  expect(answerFailure(what, { ...answer, code: 503 })).toBeInstanceOf(ApiError);
});
