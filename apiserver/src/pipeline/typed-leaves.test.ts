import { expect, test } from 'vitest';
import { bytesAsStored, quantityAsStored, timeAsStored } from './typed-leaves.ts';

test.each<[text: string, form: 'time' | 'microTime', want: string | undefined]>([
  ['2020-01-02T03:04:05Z', 'time', '2020-01-02T03:04:05Z'],
  ['2020-01-02T03:04:05.999Z', 'time', '2020-01-02T03:04:05Z'],
  ['2020-01-02T00:04:05+01:00', 'time', '2020-01-01T23:04:05Z'],
  ['0000-01-01T00:00:00+01:00', 'time', undefined],
  ['2020-02-30T03:04:05Z', 'time', undefined],
  ['2020-01-02', 'time', undefined],
  ['2020-01-02T03:04:05.123456Z', 'microTime', '2020-01-02T03:04:05.123456Z'],
  ['2020-01-02T03:04:05.123456-01:00', 'microTime', '2020-01-02T04:04:05.123456Z'],
  ['2020-01-02T03:04:05Z', 'microTime', undefined],
  ['2020-01-02T03:04:05.123Z', 'microTime', undefined],
  ['2020-01-02T03:04:05.123456789Z', 'microTime', undefined],
])('KA-51 %s as %s is stored as %s', (text, form, want) => expect(timeAsStored(text, form)).toBe(want));

test('KA-116 base64 is stored without line breaks', () => {
  expect(bytesAsStored('YWJj\r\nZGVm\n')).toBe('YWJjZGVm');
  expect(bytesAsStored('YQ==')).toBe('YQ==');
});

test('KA-51 quantities are texts', () => {
  expect([1, 0.5, 10n ** 9n, '1000m', '1024Ki', ''].map((value) => quantityAsStored(value, true))).toEqual([
    '1',
    '500m',
    '1G',
    '1',
    '1Mi',
    undefined,
  ]);
  expect([true, {}].map((value) => quantityAsStored(value, true))).toEqual([true, {}]);
});
