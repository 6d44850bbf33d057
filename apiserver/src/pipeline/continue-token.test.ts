import { expect, test } from 'vitest';
import { createContinueTokens } from './continue-token.ts';

const tokens = createContinueTokens(Buffer.alloc(32, 1));
const position = { revision: 1_795_261_635_761_056, after: { namespace: 'a', name: 'b.c' } };
const badRequest = expect.objectContaining({ reason: 'BadRequest' });

test('KA-82 a token brings its position back and is URL-safe', () => {
  const token = tokens.write('configmaps/a', position);
  expect(tokens.read('configmaps/a', token)).toEqual(position);
  expect(encodeURIComponent(token)).toBe(token);
});

test('BI-12 a token of another list is refused', () => {
  const token = tokens.write('configmaps/a', position);
  expect(() => tokens.read('secrets/a', token)).toThrow(badRequest);
});

test('BI-12 a token of another key is refused', () => {
  const token = createContinueTokens(Buffer.alloc(32, 2)).write('configmaps/a', position);
  expect(() => tokens.read('configmaps/a', token)).toThrow(badRequest);
});

test.each(['', 'x', 'a.b.c', Buffer.from(`${'x'.repeat(16)}1/a/b`).toString('base64url')])(
  'BI-12 "%s" is refused',
  (token) => {
    expect(() => tokens.read('configmaps/a', token)).toThrow(badRequest);
  },
);
