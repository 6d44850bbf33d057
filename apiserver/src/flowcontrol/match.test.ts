import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import type { Attributes } from '../authz/authorizer.ts';
import { bySchemaOrder, compileSchema, nominalShares } from './match.ts';

const schema = (rule: JsonObject, over: JsonObject = {}) =>
  compileSchema({
    metadata: { name: 'fs', uid: 'u' },
    spec: { priorityLevelConfiguration: { name: 'level' }, rules: [rule], ...over },
  });
const everybody = [{ kind: 'Group', group: { name: '*' } }];
const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }];
const resourceRule = (over: JsonObject) => ({
  subjects: everybody,
  resourceRules: [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'], namespaces: ['a'], ...over }],
});
const request = (over: object = {}): Attributes => ({
  user: { name: 'alice', groups: ['devs', 'system:authenticated'] },
  verb: 'get',
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  subresource: '',
  namespace: 'a',
  name: 'x',
  ...over,
});
const path = (name: string, verb = 'get'): Attributes => ({ user: { name: 'alice', groups: [] }, verb, path: name });

describe('which requests a flow schema covers', () => {
  test.each([
    { name: 'the user', subject: { kind: 'User', user: { name: 'alice' } }, want: true },
    { name: 'any user', subject: { kind: 'User', user: { name: '*' } }, want: true },
    { name: 'another user', subject: { kind: 'User', user: { name: 'bob' } }, want: false },
    { name: 'a group', subject: { kind: 'Group', group: { name: 'devs' } }, want: true },
    { name: 'another group', subject: { kind: 'Group', group: { name: 'ops' } }, want: false },
    {
      name: 'a service account',
      subject: { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } },
      want: false,
    },
  ])('KA-142 $name: $want', ({ subject, want }) => {
    expect(schema({ subjects: [subject], resourceRules: everything }).matches(request())).toBe(want);
  });

  test.each([
    { name: 'n', user: 'system:serviceaccount:n:robot', account: 'robot', want: true },
    { name: 'any of the namespace', user: 'system:serviceaccount:n:robot', account: '*', want: true },
    { name: 'one of another namespace', user: 'system:serviceaccount:m:robot', account: '*', want: false },
    { name: 'another one', user: 'system:serviceaccount:n:other', account: 'robot', want: false },
  ])('KA-142 service accounts, $name: $want', ({ user, account, want }) => {
    const subjects = [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: account } }];
    const asked = request({ user: { name: user, groups: [] } });
    expect(schema({ subjects, resourceRules: everything }).matches(asked)).toBe(want);
  });

  test.each<{ name: string; rule: JsonObject; over?: object; want: boolean }>([
    { name: 'all of it fits', rule: {}, want: true },
    { name: 'another verb', rule: {}, over: { verb: 'list' }, want: false },
    { name: 'another group', rule: {}, over: { group: '' }, want: false },
    { name: 'a subresource is another resource', rule: {}, over: { subresource: 'scale' }, want: false },
    {
      name: 'a subresource by name',
      rule: { resources: ['deployments/scale'] },
      over: { subresource: 'scale' },
      want: true,
    },
    { name: 'another namespace', rule: {}, over: { namespace: 'b' }, want: false },
    { name: 'cluster scope is not a namespace', rule: { namespaces: ['*'] }, over: { namespace: '' }, want: false },
    { name: 'cluster scope', rule: { clusterScope: true }, over: { namespace: '' }, want: true },
  ])('KA-142 resource rules: $name', ({ rule, over, want }) => {
    expect(schema(resourceRule(rule)).matches(request(over))).toBe(want);
  });

  test.each([
    { url: '*', asked: '/healthz', want: true },
    { url: '/healthz', asked: '/healthz', want: true },
    { url: '/healthz', asked: '/healthz/ping', want: false },
    { url: '/healthz/*', asked: '/healthz/ping', want: true },
  ])('KA-142 paths: $url covers $asked: $want', ({ url, asked, want }) => {
    const rule = { subjects: everybody, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [url] }] };
    expect(schema(rule).matches(path(asked))).toBe(want);
    expect(schema(rule).matches(path(asked, 'post'))).toBe(false);
  });

  test('KA-142 lower precedence first, then by name', () => {
    const made = [
      ['b', 5],
      ['a', 5],
      ['c', 1],
    ].map(([name, matchingPrecedence]) =>
      compileSchema({ metadata: { name: name as string }, spec: { matchingPrecedence: matchingPrecedence as number } }),
    );
    expect(made.sort(bySchemaOrder).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

test.each([
  { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5 } }, want: 5 },
  { spec: { type: 'Limited', limited: {} }, want: 30 },
  { spec: { type: 'Exempt' }, want: undefined },
])('KA-142 shares of $spec: $want', ({ spec, want }) => {
  expect(nominalShares({ spec })).toBe(want);
});
