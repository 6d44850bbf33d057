import type { SimpleTest } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import { getConformanceSuite, type IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { expect, test } from 'vitest';
import { type Difference, differences } from './differences.ts';
import { problemOf } from './run-case.ts';

interface Case {
  readonly name: string;
  readonly given: SimpleTest;
}

/** All cases of the specification, by names that begin with those of their sections. */
function casesOf({ tests, suites }: IncrementalTestSuite, prefix: string): Case[] {
  const own = tests.map(({ name, original }) => ({ name: prefix + name, given: original }));
  return [...own, ...suites.flatMap((suite) => casesOf(suite, `${prefix}${suite.name}/`))];
}

const cases = casesOf(getConformanceSuite(), '');

function isListed(name: string, difference: Difference): boolean {
  return difference.cases.some((pattern) =>
    pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

test('KA-102 the cases of the specification pass that expressions of Kubernetes share', () => {
  const shared = cases.filter(({ name }) => !differences.some((difference) => isListed(name, difference)));
  const failures = shared.flatMap(({ name, given }) => {
    const problem = problemOf(given);
    return problem === undefined ? [] : [`${name}: ${given.expr}\n${problem}`];
  });
  expect(failures).toEqual([]);
  expect(shared.length).toBeGreaterThan(1_300);
});

test.each(differences)('KA-102 the cases listed as $name do not pass', (difference) => {
  const listed = cases.filter(({ name }) => isListed(name, difference));
  expect(listed.length).toBeGreaterThanOrEqual(difference.cases.length);
  expect(listed.filter(({ given }) => problemOf(given) === undefined).map(({ name }) => name)).toEqual([]);
});

test('KA-102 every pattern of the list names a case, and no case stands in it twice', () => {
  const idle = differences.flatMap((difference) =>
    difference.cases.filter(
      (pattern) => !cases.some(({ name }) => isListed(name, { ...difference, cases: [pattern] })),
    ),
  );
  const twice = cases.filter(({ name }) => differences.filter((difference) => isListed(name, difference)).length > 1);
  expect({ idle, twice: twice.map(({ name }) => name) }).toEqual({ idle: [], twice: [] });
});

test('KA-102 literals of mixed types have the specified values where they are let through', () => {
  const mixed = differences.filter(({ name }) => name === 'mixedLiterals');
  const listed = cases.filter(({ name }) => mixed.some((difference) => isListed(name, difference)));
  const failures = listed.flatMap(({ name, given }) => {
    const problem = problemOf(given, { mixedLiterals: true });
    return problem === undefined ? [] : [`${name}: ${given.expr}\n${problem}`];
  });
  expect(failures).toEqual([]);
});
