import { expect, test } from 'vitest';
import { compareVersions, formatVersion, parseLooseVersion, parseVersion, VersionError } from './semantic-version.ts';

/** The example of the specification, in order. */
const ordered = [
  '1.0.0-0',
  '1.0.0-10',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '18446744073709551615.0.0',
];

test('KA-102 versions order by precedence', () => {
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      expect(compareVersions(parseVersion(a), parseVersion(b)), `${a} ${b}`).toBe(Math.sign(i - j));
    }
  }
});

test.each(['1.2.3', '1.2.3-a.1', '1.2.3+b.01', '1.2.3-a-b+c-d'])('KA-102 %s reads and prints', (text) => {
  expect(formatVersion(parseVersion(text))).toBe(text);
});

test('KA-102 build metadata says nothing about order', () => {
  expect(compareVersions(parseVersion('1.2.3+a'), parseVersion('1.2.3+b'))).toBe(0);
});

test.each([
  ['', 'Version string empty'],
  ['1.2', 'No Major.Minor.Patch elements found'],
  ['v1.2.3', 'Invalid character(s) found in major number "v1"'],
  ['1.02.3', 'Minor number must not contain leading zeroes "02"'],
  ['1.2.3-01', 'Numeric PreRelease version must not contain leading zeroes "01"'],
  ['1.2.3-', 'Prerelease is empty'],
  ['1.2.3+', 'Build meta data is empty'],
  ['1.2.3-ä', 'Invalid character(s) found in prerelease "ä"'],
  ['1.2.3+a_b', 'Invalid character(s) found in build meta data "a_b"'],
  ['1..3', 'invalid syntax'],
  ['18446744073709551616.0.0', 'value out of range'],
])('KA-102 %j is no version', (text, problem) => {
  expect(() => parseVersion(text)).toThrow(VersionError);
  expect(() => parseVersion(text)).toThrow(problem);
});

test.each([
  ['v1.2.3', '1.2.3'],
  ['1', '1.0.0'],
  ['1.2', '1.2.0'],
  ['01.00.03', '1.0.3'],
  ['1.2.03-rc1', '1.2.3-rc1'],
  ['1.2.0-rc.1+b', '1.2.0-rc.1+b'],
])('KA-102 %s is normalised to %s', (text, normal) => {
  expect(formatVersion(parseLooseVersion(text))).toBe(normal);
});

test('KA-102 a short version has no prerelease', () => {
  expect(() => parseLooseVersion('1.2-rc1')).toThrow('short version cannot contain PreRelease/Build meta data');
});
