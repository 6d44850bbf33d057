import { expect, test } from 'vitest';
import {
  charAt,
  indexOfText,
  lastIndexOfText,
  lastIndexOfTextFrom,
  lowerAscii,
  quoteText,
  replaceText,
  splitText,
  substring,
  trimText,
  upperAscii,
} from './text-functions.ts';

test('KA-102 positions count characters, not halves of them', () => {
  expect(charAt('a😀b', 1n)).toBe('😀');
  expect(charAt('a😀b', 3n)).toBe('');
  expect(substring('a😀b', 1n, 2n)).toBe('😀');
  expect(indexOfText('😀😀b', 'b', 0n)).toBe(2n);
  expect(lastIndexOfText('b😀b😀', 'b')).toBe(2n);
  expect(splitText('a😀', '', -1n)).toEqual(['a', '😀']);
  expect(replaceText('a😀', '', '-', -1n)).toBe('-a-😀-');
});

test.each([
  [() => charAt('abc', 4n), 'index out of range: 4'],
  [() => charAt('abc', -1n), 'index out of range: -1'],
  [() => indexOfText('abc', 'a', -1n), 'index out of range: -1'],
  [() => lastIndexOfTextFrom('abc', 'a', -1n), 'index out of range: -1'],
  [() => substring('abc', 4n), 'index out of range: 4'],
  [() => substring('abc', 1n, 9n), 'index out of range: 9'],
  [() => substring('abc', 2n, 1n), 'invalid substring range. start: 2, end: 1'],
])('KA-102 a position outside the text is refused: %#', (run, problem) => {
  expect(run).toThrow(problem);
});

test.each([
  [indexOfText('hello', 'l', 0n), 2n],
  [indexOfText('hello', 'l', 4n), -1n],
  [indexOfText('hello', '', 99n), 99n],
  [indexOfText('hello', 'o', 1n << 60n), -1n],
  [lastIndexOfText('hello', 'l'), 3n],
  [lastIndexOfText('hello', ''), 5n],
  [lastIndexOfText('', 'a'), -1n],
  [lastIndexOfTextFrom('hello', 'l', 2n), 2n],
  [lastIndexOfTextFrom('hello', 'l', 9n), -1n],
])('KA-102 searching, case %#', (found, expected) => {
  expect(found).toBe(expected);
});

test.each([
  [-1n, 'b-b-b', ['', '-', '-', '']],
  [0n, 'a-a-a', []],
  [1n, 'b-a-a', ['a-a-a']],
  [2n, 'b-b-a', ['', '-a-a']],
  [9n, 'b-b-b', ['', '-', '-', '']],
])('KA-102 replacing and splitting at most %s times', (limit, replaced, parts) => {
  expect(replaceText('a-a-a', 'a', 'b', limit)).toBe(replaced);
  expect(splitText('a-a-a', 'a', limit)).toEqual(parts);
});

test('KA-102 only ASCII letters change their case', () => {
  expect([lowerAscii('ÄBC'), upperAscii('äbcß')]).toEqual(['Äbc', 'äBCß']);
});

test('KA-102 the white space of Unicode goes, a byte order mark stays', () => {
  expect(trimText('\t\n\u0085\u00a0\u2003 a b \u3000')).toBe('a b');
  expect(trimText('\ufeffa')).toBe('\ufeffa');
  expect(trimText(' \n ')).toBe('');
});

test('KA-102 a quoted text reads back', () => {
  expect(quoteText('a"\\\n\u0007é')).toBe('"a\\"\\\\\\n\\aé"');
});
