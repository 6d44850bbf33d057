import { apiError, StatusReason } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { redactText } from './redact.ts';

function lines(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const seen: Record<string, unknown>[] = [];
  log(createLogger({ level: 'debug', destination: { write: (line) => void seen.push(JSON.parse(line)) } }));
  return seen;
}

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
const key = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----';

test('a line has a time, a level, a message and its fields', () => {
  const [line] = lines((logger) => logger.child({ controller: 'x' }).info({ name: 'a', count: 1n }, 'work applied'));
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    controller: 'x',
    name: 'a',
    count: '1',
    msg: 'work applied',
  });
});

test('SEC-12 secrets do not show, at any depth, in fields or bindings', () => {
  const secret = { kind: 'Secret', metadata: { name: 's' }, data: { a: 'c2VjcmV0' }, stringData: { b: 's3cr3t' } };
  const fields = {
    token: 's3cr3t',
    deep: { list: [{ user: { 'client-key-data': 's3cr3t', client_secret: 's3cr3t', name: 'n' } }] },
    headers: { Authorization: 'Bearer s3cr3t-s3cr3t', Cookie: 's3cr3t', accept: 'json' },
    object: secret,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 's3cr3t', note: 'fine' },
    absent: { password: null },
  };
  const [line] = lines((logger) => logger.child({ password: 's3cr3t', cluster: 'a' }).info(fields, 'm'));
  expect(JSON.stringify(line)).not.toContain('s3cr3t');
  expect(line).toMatchObject({
    password: '[redacted]',
    cluster: 'a',
    token: '[redacted]',
    deep: { list: [{ user: { 'client-key-data': '[redacted]', client_secret: '[redacted]', name: 'n' } }] },
    headers: { Authorization: '[redacted]', Cookie: '[redacted]', accept: 'json' },
    object: { kind: 'Secret', metadata: { name: 's' }, data: '[redacted]', stringData: '[redacted]' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '[redacted]', note: 'fine' },
    absent: { password: null },
  });
});

test.each([
  ['header Bearer abcdefgh123', 'header Bearer [redacted]'],
  [`token ${jwt} in text`, 'token [redacted] in text'],
  ['join with abcdef.0123456789abcdef now', 'join with [redacted] now'],
  ['postgres://user:pa55@host/db', 'postgres://user:[redacted]@host/db'],
  [`before ${key} after`, 'before [redacted EC private key] after'],
  ['https://host:8080/path?a=b@c', 'https://host:8080/path?a=b@c'],
  ['nothing to hide', 'nothing to hide'],
])('SEC-12 the text "%s"', (text, want) => {
  expect(redactText(text)).toBe(want);
});

test('SEC-12 errors keep their words and causes, without secrets', () => {
  const cause = Object.assign(new Error(`bad token ${jwt}`), { code: 'EBAD', token: 's3cr3t' });
  const [line] = lines((logger) =>
    logger.error({ err: apiError(StatusReason.Conflict, 'modified', undefined, { cause }) }, 'failed'),
  );
  expect(line?.err).toMatchObject({
    type: 'ApiError',
    message: 'modified',
    status: { reason: 'Conflict', code: 409 },
    cause: { type: 'Error', message: 'bad token [redacted]', code: 'EBAD', token: '[redacted]' },
  });
  expect(JSON.stringify(line)).not.toContain('s3cr3t');
  expect(JSON.stringify(line)).not.toContain(jwt);
});

test('an error alone is logged too', () => {
  const [line] = lines((logger) => logger.error(new Error(`oops ${jwt}`)));
  expect(line).toMatchObject({
    level: 'error',
    msg: 'oops [redacted]',
    err: { type: 'Error', message: 'oops [redacted]' },
  });
});

test('cycles, bytes and hostile names do not break a line', () => {
  const cycle: Record<string, unknown> = { bytes: new Uint8Array(4), map: new Map([['a', 1]]) };
  cycle.self = cycle;
  const [line] = lines((logger) => logger.info({ cycle, ...JSON.parse('{"__proto__":{"x":1}}') }, 'm'));
  expect(line?.cycle).toMatchObject({ bytes: '[4 bytes]', map: [['a', 1]] });
});

test('levels below the chosen one are silent', () => {
  const seen: string[] = [];
  const logger = createLogger({ destination: { write: (line) => void seen.push(line) } });
  logger.debug('quiet');
  logger.info('heard');
  expect(seen).toHaveLength(1);
});
