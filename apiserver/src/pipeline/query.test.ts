import { describe, expect, test } from 'vitest';
import { parseFlag, parseInteger, parseOptionalFlag, parseResourceVersion, parseTimeout } from './query.ts';

const query = (text: string) => new URLSearchParams(text);
const badRequest = expect.objectContaining({ reason: 'BadRequest' });

describe('flags', () => {
  test.each([
    ['', false],
    ['f', true],
    ['f=true', true],
    ['f=1', true],
    ['f=TRUE', true],
    ['f=false', false],
    ['f=0', false],
    ['f=False', false],
  ])('KA-8 "%s" is %s', (text, want) => expect(parseFlag(query(text), 'f')).toBe(want));
  test('KA-8 an absent flag can be told from a false one', () =>
    expect(parseOptionalFlag(query(''), 'f')).toBeUndefined());
  test.each(['yes', 'f', 't'])('KA-8 a flag that is %s is refused', (text) =>
    expect(() => parseFlag(query(`f=${text}`), 'f')).toThrow(badRequest),
  );
});

describe('integers', () => {
  test.each([
    ['', undefined],
    ['n=17', 17],
    ['n=-5', -5],
    ['n=%2B5', 5],
  ])('KA-8 "%s" is %s', (text, want) => expect(parseInteger(query(text), 'n')).toBe(want));
  test.each(['n=', 'n=NaN', 'n=1.5', 'n=1e9', 'n=99999999999999999999'])('BI-13 "%s" is refused', (text) =>
    expect(() => parseInteger(query(text), 'n')).toThrow(badRequest),
  );
});

describe('resource versions', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['1795261635761056', 1795261635761056],
  ])('KA-43 %s is %s', (text, want) => expect(parseResourceVersion(text)).toBe(want));
  test.each(['abc', '-1', '01', '1.0', '99999999999999999999'])('BI-11 %s is refused', (text) =>
    expect(() => parseResourceVersion(text)).toThrow(badRequest),
  );
});

describe('the request timeout', () => {
  test.each([
    ['', undefined],
    ['timeout=32s', 32_000],
    ['timeout=1m30s', 90_000],
    ['timeout=1.5h', 5_400_000],
    ['timeout=200ms', 200],
    ['timeout=0', 0],
    ['timeout=.5s', 500],
    ['timeout=2m.5s1ms', 120_501],
  ])('KA-8 "%s" is %s ms', (text, want) => expect(parseTimeout(query(text))).toBe(want));
  test.each(['5', 's', '1s2', '-1s', '1 s'])('KA-8 "%s" is refused', (text) =>
    expect(() => parseTimeout(new URLSearchParams({ timeout: text }))).toThrow(
      `invalid timeout specified in the request URL - time: invalid duration "${text}"`,
    ),
  );
  /** Anybody may send such a request: it is read before the caller is known. */
  test.each(['1', '.1', '1.', '1m', '0.0'])('KA-8b BI-29b reading it takes no longer than its length: %s...', (piece) =>
    expect(() => parseTimeout(new URLSearchParams({ timeout: `${piece.repeat(400_000)}!` }))).toThrow(badRequest),
  );
});
