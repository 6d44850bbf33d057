import { expect, test } from 'vitest';
import type { PolicyRule } from './authorizer.ts';
import { compactRules, describeRule, missingRules, TooManyRulesError } from './covers.ts';

const rule = (verbs: string[], group: string, resources: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups: [group],
  resources,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

test.each([
  {
    name: 'KA-128 rights held in pieces cover a rule that names them together',
    held: [rule(['get'], '', ['pods']), rule(['list'], '', ['pods'])],
    wanted: [rule(['get', 'list'], '', ['pods'])],
    missing: [],
  },
  {
    name: 'KA-128 each missing verb of each resource is told',
    held: [rule(['get'], '', ['pods'])],
    wanted: [rule(['get', 'delete'], '', ['pods', 'secrets'])],
    missing: [rule(['delete'], '', ['pods']), rule(['get'], '', ['secrets']), rule(['delete'], '', ['secrets'])],
  },
  {
    name: 'KA-128 a right on one name is not the right on all names',
    held: [rule(['get'], '', ['secrets'], ['a'])],
    wanted: [rule(['get'], '', ['secrets']), rule(['get'], '', ['secrets'], ['a', 'b'])],
    missing: [rule(['get'], '', ['secrets']), rule(['get'], '', ['secrets'], ['b'])],
  },
  {
    name: 'KA-128 a star is covered by a star only',
    held: [rule(['get', 'list', 'watch', 'create'], '', ['*'])],
    wanted: [rule(['*'], '', ['pods']), rule(['get'], '*', ['pods']), rule(['get'], '', ['*'])],
    missing: [rule(['*'], '', ['pods']), rule(['get'], '*', ['pods'])],
  },
  {
    name: 'KA-128 subresources need a star, themselves, or */subresource',
    held: [rule(['update'], '', ['pods', '*/scale'])],
    wanted: [rule(['update'], '', ['pods/status', 'deployments/scale', '*/scale'])],
    missing: [rule(['update'], '', ['pods/status'])],
  },
  {
    name: 'KA-128 paths are covered by a prefix pattern, and never by resource rules',
    held: [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }, rule(['*'], '*', ['*'])],
    wanted: [{ verbs: ['get'], nonResourceURLs: ['/api/x', '/api/*', '/metrics', '*'] }],
    missing: [
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
      { verbs: ['get'], nonResourceURLs: ['*'] },
    ],
  },
])('$name', ({ held, wanted, missing }) => {
  expect(missingRules(held, wanted)).toEqual(missing);
});

/** Whoever may write a role sends such rules: a few kilobytes that name billions of rights. */
const words = (count: number, letter: string) => Array.from({ length: count }, (_, index) => `${letter}${index}`);
const huge = { verbs: words(3_000, 'v'), apiGroups: words(3_000, 'g'), resources: words(3_000, 'r') };

test('KA-128 BI-2a of billions of missing rights the first are told', () => {
  const missing = missingRules([rule(['v0'], 'g0', ['r0'])], [huge, rule(['get'], '', ['pods'])]);
  expect(missing.length).toBe(1_000);
  expect(missing[0]).toEqual({ verbs: ['v1'], apiGroups: ['g0'], resources: ['r0'] });
});

test('KA-128 BI-2a billions of rights are held by who holds them in one rule', () => {
  expect(missingRules([rule(['*'], '*', ['*'])], [huge])).toEqual([]);
  expect(missingRules([rule(['get'], '', ['pods']), huge], [huge])).toEqual([]);
});

test('KA-128 BI-2a rights that are held in too many pieces to tell are refused', () => {
  const halves = [huge.verbs.slice(0, 1_500), huge.verbs.slice(1_500)].map((verbs) => rule(verbs, '*', ['*']));
  expect(() => missingRules(halves, [huge])).toThrow(TooManyRulesError);
});

test('KA-128 verbs of one target are told on one line, in Kubernetes form', () => {
  const missing = [rule(['get'], '', ['pods']), rule(['get'], 'apps', ['x'], ['a']), rule(['list'], '', ['pods'])];
  expect(compactRules(missing).map(describeRule)).toEqual([
    '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
    '{APIGroups:["apps"], Resources:["x"], ResourceNames:["a"], Verbs:["get"]}',
  ]);
});
