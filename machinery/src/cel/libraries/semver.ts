import type { CelLibrary } from '../library.ts';
import { boolType, type CelType, intType, objectType, stringType } from '../types.ts';
import { CelOpaque, type CelValue } from '../values.ts';
import {
  accepts,
  accessorCost,
  declare,
  evaluating,
  global,
  member,
  noSuchOverload,
  textOf,
  walkCost,
} from './declare.ts';
import {
  compareVersions,
  parseLooseVersion,
  parseVersion,
  type SemanticVersion,
  VersionError,
} from './semantic-version.ts';

const semverType: CelType = objectType('kubernetes.Semver');

/** A semantic version as a value. */
export class CelSemver extends CelOpaque {
  readonly type = semverType;
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  /** By precedence: build metadata does not count. */
  equals(other: CelValue): boolean {
    return compareVersions(this.version, versionOf(other)) === 0;
  }
}

function versionOf(value: CelValue | undefined): SemanticVersion {
  if (value instanceof CelSemver) return value.version;
  throw noSuchOverload();
}

function read(text: CelValue | undefined, normalize: CelValue | undefined): SemanticVersion {
  return normalize === true ? parseLooseVersion(textOf(text)) : parseVersion(textOf(text));
}

const parse = (args: readonly CelValue[]) => new CelSemver(evaluating(VersionError, () => read(args[0], args[1])));
const isVersion = (args: readonly CelValue[]) => accepts(VersionError, () => read(args[0], args[1]));
const compare = ([a, b]: readonly CelValue[]) => compareVersions(versionOf(a), versionOf(b));

const part = (name: 'major' | 'minor' | 'patch') =>
  declare(
    name,
    member(`semver_${name}`, [semverType], intType, {
      call: ([version]) => BigInt.asIntN(64, versionOf(version)[name]),
      cost: accessorCost,
    }),
  );

/** Semantic versions, strict, or normalised first where the second argument is true: since Kubernetes 1.33. KA-102 */
export const semverLibrary: CelLibrary = {
  name: 'kubernetes.Semver',
  functions: [
    declare(
      'semver',
      global('string_to_semver', [stringType], semverType, { call: parse, cost: walkCost() }),
      global('string_bool_to_semver', [stringType, boolType], semverType, { call: parse, cost: walkCost() }),
    ),
    declare(
      'isSemver',
      global('is_semver_string', [stringType], boolType, { call: isVersion, cost: walkCost() }),
      global('is_semver_string_bool', [stringType, boolType], boolType, { call: isVersion, cost: walkCost() }),
    ),
    declare(
      'isGreaterThan',
      member('semver_is_greater_than', [semverType, semverType], boolType, {
        call: (args) => compare(args) > 0,
        cost: accessorCost,
      }),
    ),
    declare(
      'isLessThan',
      member('semver_is_less_than', [semverType, semverType], boolType, {
        call: (args) => compare(args) < 0,
        cost: accessorCost,
      }),
    ),
    declare(
      'compareTo',
      member('semver_compare_to', [semverType, semverType], intType, {
        call: (args) => BigInt(compare(args)),
        cost: accessorCost,
      }),
    ),
    part('major'),
    part('minor'),
    part('patch'),
  ],
};
