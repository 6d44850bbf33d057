import { expect, test } from 'vitest';
import { formatCheck } from './formats.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

/** What a kube-apiserver 1.35 says of the same texts. */
const table: Readonly<Record<string, { good: string[]; bad: string[] }>> = {
  'date-time': {
    good: ['2020-01-01T00:00:00Z', '2020-01-01t00:00:00z', '2020-02-29T23:59:59.5+01:00'],
    bad: [
      '',
      'x',
      '2020-01-01T24:00:00Z',
      '2020-01-01T00:00:00',
      '2020-01-01T00:00:60Z',
      '2020-02-30T00:00:00Z',
      '2020-01-01',
    ],
  },
  datetime: { good: ['2020-01-01T00:00:00Z'], bad: ['x'] },
  date: {
    good: ['2020-01-01', '2000-02-29'],
    bad: ['', '2020-1-1', '2020-02-30', '2019-02-29', '1900-02-29', '2020-13-01'],
  },
  duration: {
    good: ['5s', '1h30m', '0', '-5s', '1.5h', '.5s', '2 weeks', '3d', '3 days', 'abc 5s'],
    bad: ['', '5', 'x', '1x', 's5'],
  },
  byte: { good: ['aGk=', 'aGlq', 'YQ=='], bad: ['', 'aGk', 'a-_=', 'a===', '='] },
  uuid: { good: ['550e8400-e29b-41d4-a716-446655440000', '550E8400E29B41D4A716446655440000'], bad: ['', '550e8400'] },
  uuid3: { good: ['550e8400-e29b-31d4-a716-446655440000'], bad: ['550e8400-e29b-41d4-a716-446655440000'] },
  uuid4: { good: ['550e8400-e29b-41d4-a716-446655440000'], bad: ['550e8400-e29b-41d4-c716-446655440000'] },
  uuid5: { good: ['550e8400-e29b-51d4-a716-446655440000'], bad: ['550e8400-e29b-41d4-a716-446655440000'] },
  ipv4: { good: ['1.2.3.4', '010.1.2.3', '::ffff:1.2.3.4'], bad: ['', '::1', '1.2.3', '256.1.1.1'] },
  ipv6: { good: ['::1', '::ffff:1.2.3.4'], bad: ['', '1.2.3.4', '::1%eth0'] },
  cidr: {
    good: ['1.2.3.4/8', 'fe80::/10', '01.2.3.4/32'],
    bad: ['', '1.2.3.4', '1.2.3.4/33', 'fe80::/129', '::1%a/64'],
  },
  mac: {
    good: ['00:11:22:33:44:55', '00-11-22-33-44-55', '0011.2233.4455', '02:00:5e:10:00:00:00:01', '001122334455'],
    bad: ['', '00:11:22:33:44', '00:11-22:33:44:55', '00112233445'],
  },
  email: {
    good: ['a@b', 'a@b.c', 'A <a@b.c>', '<a@b.c>', '"x y"@b.c', 'a@[1.2.3.4]', ' a@b '],
    bad: ['', 'a b@c', '@b', 'a@', 'a', 'a@b@', 'A <a@b.c'],
  },
  hostname: {
    good: ['localhost', 'example.com', 'EXAMPLE.com', 'a-b.cd'],
    bad: ['', '-x.com', 'a..b', 'a_b.com', `${'x'.repeat(64)}.com`],
  },
  uri: {
    good: ['http://a.b/c', '/a', '//a', 'mailto:x@y', 'http://[::1]:80/', '*', '/a b'],
    bad: ['', 'a/b', 'x', 'http:// x', 'http://a:b', '/%zz', '/a\n'],
  },
  isbn: { good: ['0321751043', '978-0321751041'], bad: ['', '0321751044', '978-0321751042'] },
  isbn10: { good: ['0-321-75104-3', '080442957X'], bad: ['978-0321751041'] },
  isbn13: { good: ['9780321751041'], bad: ['0321751043'] },
  creditcard: { good: ['4111 1111 1111 1111', '5555555555554444'], bad: ['', '4111 1111 1111 1112', '1234'] },
  ssn: { good: ['111-22-3333', '111 22-3333'], bad: ['', '111223333', '111-22-333'] },
  hexcolor: { good: ['#FFF', 'a0b1c2'], bad: ['', '#FFFF'] },
  rgbcolor: { good: ['rgb(255, 0,1)'], bad: ['', 'rgb(256,0,0)', 'rgb(1,2)'] },
  bsonobjectid: { good: ['507f1f77bcf86cd799439011'], bad: ['', '507f1f77bcf86cd79943901'] },
  password: { good: ['', 'anything'], bad: [] },
  'k8s-short-name': { good: ['a', 'a-b', '0'], bad: ['', 'A', 'a.b', '-a', 'a-', 'a'.repeat(64)] },
  'k8s-long-name': { good: ['a.b-c.d', `${'a'.repeat(64)}.b`], bad: ['', 'a..b', 'A.b', 'a.'] },
};
const cases = Object.entries(table).flatMap(([format, { good, bad }]) => [
  ...good.map((text) => ({ format, text, verdict: true })),
  ...bad.map((text) => ({ format, text, verdict: false })),
]);

test.each(cases)('KA-97 format $format: $text is $verdict', ({ format, text, verdict }) => {
  expect(formatCheck(format)?.(text)).toBe(verdict);
});

test.each([
  { value: 'x', want: 'Invalid value: "x": a in body must be of type date-time: "x"' },
  { value: 5, want: 'Invalid value: "int64": a in body must be of type date-time: "int64"' },
  { value: 5.5, want: 'Invalid value: "float64": a in body must be of type date-time: "float64"' },
  { value: true, want: 'Invalid value: "": a in body must be of type date-time: ""' },
  { value: ['x'], want: 'Invalid value: "array": a in body must be of type string: "array"' },
])('KA-97 a format says what it wants of $value', ({ value, want }) => {
  const schema: StructuralSchema = { type: 'object', properties: { a: { type: 'string', format: 'date-time' } } };
  expect(validateValue({ a: value }, schema)).toEqual([{ reason: 'FieldValueTypeInvalid', field: 'a', message: want }]);
});

test.each(['int32', 'int64', 'double', 'whatever', ''])('KA-97 the format %j is not checked', (format) => {
  expect(formatCheck(format)).toBeUndefined();
});

test('KA-97 every format takes linear time on long texts', () => {
  const hostile = ['1', 'a', '@', '"', ' ', 'a.', '1:', '%', '<', '(', '-', '0.', '\\'].flatMap((part) => [
    part.repeat(50_000),
    `${part.repeat(50_000)}!`,
    `a@${part.repeat(50_000)}`,
  ]);
  const start = performance.now();
  for (const format of Object.keys(table)) for (const text of hostile) formatCheck(format)?.(text);
  expect(performance.now() - start).toBeLessThan(4_000);
});

test.each([
  ['ipv4', '0'],
  ['cidr', '0'],
  ['duration', '1'],
  ['duration', '1 '],
  ['date-time', '1'],
  ['mac', 'a'],
  ['uri', 'a'],
  ['email', 'a'],
  ['hostname', 'a'],
])('KA-97 KA-103 format %s is told in one pass, however long the text: %j, over and over', (format, piece) => {
  expect(formatCheck(format)?.(`${piece.repeat(300_000)}!/8`)).toBe(false);
});
