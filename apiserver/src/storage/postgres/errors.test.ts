import { expect, test } from 'vitest';
import { ConnectionLostError, connectionError, endsSession, isRetryable, isShortage } from './errors.ts';

const coded = (code: string): Error => Object.assign(new Error('as the server says'), { code });

test.each([
  { code: '40001', retryable: true, shortage: false, ends: false },
  { code: '40P01', retryable: true, shortage: false, ends: false },
  { code: '55P03', retryable: true, shortage: false, ends: false },
  { code: '53100', retryable: false, shortage: true, ends: false },
  { code: '57014', retryable: false, shortage: true, ends: false },
  { code: '25006', retryable: false, shortage: true, ends: false },
  { code: '57P01', retryable: false, shortage: false, ends: true },
  { code: '08006', retryable: false, shortage: false, ends: true },
  { code: '22021', retryable: false, shortage: false, ends: false },
])('F-8 $code is told apart', ({ code, retryable, shortage, ends }) => {
  const error = coded(code);
  expect({ retryable: isRetryable(error), shortage: isShortage(error), ends: endsSession(error) }).toEqual({
    retryable,
    shortage,
    ends,
  });
});

test('F-9 a lost connection ends the session', () => expect(endsSession(new ConnectionLostError('lost'))).toBe(true));

test.each([
  {
    cause: coded('28P01'),
    name: 'StorageConfigurationError',
    message: 'PostgreSQL at db:5432/q refused this password: check the database URL',
  },
  {
    cause: coded('3D000'),
    name: 'StorageConfigurationError',
    message: 'PostgreSQL at db:5432/q has no such database: check the database URL',
  },
  {
    cause: coded('ECONNREFUSED'),
    name: 'StorageUnavailableError',
    message: 'cannot reach PostgreSQL at db:5432/q (ECONNREFUSED): check that it runs there',
  },
  {
    cause: new Error('no answer within 5000 ms'),
    name: 'StorageUnavailableError',
    message: 'cannot reach PostgreSQL at db:5432/q (no answer within 5000 ms): check that it runs there',
  },
])('KA-41 $message', ({ cause, name, message }) => {
  expect(connectionError('db:5432/q', cause)).toMatchObject({ name, message, cause });
});
