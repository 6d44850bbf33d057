import { goQuote } from '../../schema/go-text.ts';

/** A version by Semantic Versioning 2.0.0. KA-102 */
export interface SemanticVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Numbers order before words. Empty for a release. */
  readonly prerelease: readonly (bigint | string)[];
  /** Says nothing about order. */
  readonly build: readonly string[];
}

/** Text that is no version, in the words of Kubernetes' parser. */
export class VersionError extends Error {
  override readonly name = 'VersionError';
}

/** @throws VersionError */
export function parseVersion(text: string): SemanticVersion {
  if (text === '') throw new VersionError('Version string empty');
  const parts = splitThree(text);
  if (parts === undefined) throw new VersionError('No Major.Minor.Patch elements found');
  const major = readNumber(parts[0], 'major');
  const minor = readNumber(parts[1], 'minor');
  const plus = parts[2].indexOf('+');
  const build = plus < 0 ? [] : parts[2].slice(plus + 1).split('.');
  const beforeBuild = plus < 0 ? parts[2] : parts[2].slice(0, plus);
  const dash = beforeBuild.indexOf('-');
  const prerelease = dash < 0 ? [] : beforeBuild.slice(dash + 1).split('.');
  const patch = readNumber(dash < 0 ? beforeBuild : beforeBuild.slice(0, dash), 'patch');
  const version = { major, minor, patch, prerelease: prerelease.map(readPrerelease), build };
  build.forEach(checkBuild);
  return version;
}

/**
 * Accepts what people write besides: a leading `v`, leading zeros, `1` and `1.2`.
 * @throws VersionError
 */
export function parseLooseVersion(text: string): SemanticVersion {
  const bare = text.startsWith('v') ? text.slice(1) : text;
  const parts = (splitThree(bare) ?? bare.split('.')).map(withoutLeadingZeros);
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    throw new VersionError('short version cannot contain PreRelease/Build meta data');
  }
  while (parts.length < 3) parts.push('0');
  return parseVersion(parts.join('.'));
}

/** Order by precedence: build metadata does not count. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): -1 | 0 | 1 {
  const core = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
  if (core !== 0) return core;
  // A release comes after all its prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return order(b.prerelease.length, a.prerelease.length);
  const shared = Math.min(a.prerelease.length, b.prerelease.length);
  for (let index = 0; index < shared; index++) {
    const found = orderPrerelease(a.prerelease[index] ?? '', b.prerelease[index] ?? '');
    if (found !== 0) return found;
  }
  return order(a.prerelease.length, b.prerelease.length);
}

export function formatVersion({ major, minor, patch, prerelease, build }: SemanticVersion): string {
  const pre = prerelease.length === 0 ? '' : `-${prerelease.join('.')}`;
  return `${major}.${minor}.${patch}${pre}${build.length === 0 ? '' : `+${build.join('.')}`}`;
}

/** The third part keeps its dots. Undefined when there are fewer. */
function splitThree(text: string): [string, string, string] | undefined {
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0) return undefined;
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function withoutLeadingZeros(part: string): string {
  if (part.length < 2) return part;
  const stripped = part.replace(/^0+/, '');
  return /^[0-9]/.test(stripped) ? stripped : `0${stripped}`;
}

function readNumber(text: string, name: 'major' | 'minor' | 'patch'): bigint {
  if (!/^[0-9]*$/.test(text)) throw new VersionError(`Invalid character(s) found in ${name} number ${goQuote(text)}`);
  if (hasLeadingZeros(text)) {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    throw new VersionError(`${title} number must not contain leading zeroes ${goQuote(text)}`);
  }
  return readUint64(text);
}

function readUint64(text: string): bigint {
  const problem = text === '' ? 'invalid syntax' : 'value out of range';
  if (text !== '' && text.length <= 20 && BigInt(text) < 1n << 64n) return BigInt(text);
  throw new VersionError(`strconv.ParseUint: parsing ${goQuote(text)}: ${problem}`);
}

function readPrerelease(text: string): bigint | string {
  if (text === '') throw new VersionError('Prerelease is empty');
  if (/^[0-9]+$/.test(text)) {
    if (!hasLeadingZeros(text)) return readUint64(text);
    throw new VersionError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}`);
  }
  if (/^[0-9A-Za-z-]+$/.test(text)) return text;
  throw new VersionError(`Invalid character(s) found in prerelease ${goQuote(text)}`);
}

function checkBuild(text: string): void {
  if (text === '') throw new VersionError('Build meta data is empty');
  if (!/^[0-9A-Za-z-]+$/.test(text)) {
    throw new VersionError(`Invalid character(s) found in build meta data ${goQuote(text)}`);
  }
}

const hasLeadingZeros = (text: string) => text.length > 1 && text.startsWith('0');

function orderPrerelease(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  if (typeof a === typeof b) return order(a, b);
  return typeof a === 'bigint' ? -1 : 1;
}

function order<T extends bigint | string | number>(a: T, b: T): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
