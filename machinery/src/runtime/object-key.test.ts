import { expect, test } from 'vitest';
import { objectKey, parseObjectKey } from './object-key.ts';

test.each([
  { ref: { namespace: 'ns', name: 'a' }, key: 'ns/a' },
  { ref: { name: 'a' }, key: 'a' },
  { ref: { name: 'system:node:a' }, key: 'system:node:a' },
])('$key names its object', ({ ref, key }) => {
  expect(objectKey(ref)).toBe(key);
  expect(parseObjectKey(key)).toEqual(ref);
});

test('an empty namespace is none', () => {
  expect(objectKey({ namespace: '', name: 'a' })).toBe('a');
});
