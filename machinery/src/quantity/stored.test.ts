import { expect, test } from 'vitest';
import { QuantityError } from './quantity.ts';
import { storedQuantity } from './stored.ts';

/** As k8s.io/apimachinery v0.35.4 gives them: alone, and in a resource list. */
const golden: [text: string, stored: string, inList?: string][] = [
  ['0', '0'],
  ['00', '0'],
  ['-0', '0'],
  ['0Ki', '0'],
  ['1', '1'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.0', '1'],
  ['1.5', '1500m'],
  ['-0.5', '-500m'],
  ['1000', '1k'],
  ['16384', '16384'],
  ['1048576', '1048576'],
  ['1024Ki', '1Mi'],
  ['1025Ki', '1025Ki'],
  ['512Ki', '512Ki'],
  ['1536Mi', '1536Mi'],
  ['1.5Gi', '1536Mi'],
  ['2048Mi', '2Gi'],
  ['0.5Ki', '512'],
  ['999999Ti', '999999Ti'],
  ['10Ei', '9223372036854775807'],
  ['1e3', '1e3'],
  ['1e4', '10e3'],
  ['1.5e3', '1500'],
  [' 1 ', '1'],
  // Kept as they are.
  ['+1', '+1'],
  ['+1Ki', '+1Ki'],
  ['01Ki', '01Ki'],
  ['5.', '5.'],
  ['1.555', '1.555'],
  ['1.500', '1.500'],
  ['1.5e4', '1.5e4'],
  ['1E3', '1E3'],
  // Finer than a thousandth.
  ['1u', '1u', '1m'],
  ['1n', '1n', '1m'],
  ['1500u', '1500u', '2m'],
  ['-1500u', '-1500u', '-2m'],
  ['1.5555', '1555500u', '1556m'],
  ['1.555555', '1.555555', '1556m'],
  ['0.0000000001', '1n', '1m'],
  ['1e-6', '1e-6', '1e-3'],
];

test.each(golden)('KA-51 %s is stored as %s', (text: string, stored: string, inList = stored) => {
  expect([storedQuantity(text, false), storedQuantity(text, true)]).toEqual([stored, inList]);
  expect(storedQuantity(storedQuantity(text, true), true)).toBe(inList);
});

test('KA-51 what is no quantity is refused', () => {
  for (const text of ['', ' ', 'x', '1 k', '1K', 'NaN'])
    expect(() => storedQuantity(text, true)).toThrow(QuantityError);
});
