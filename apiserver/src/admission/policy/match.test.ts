import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import type { AdmissionAttributes } from '../admission.ts';
import { createMatcher, type Equivalent } from './match.ts';

const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] };
const labelled = (labels: JsonObject): JsonObject => ({ metadata: { labels } });
const created: AdmissionAttributes = {
  operation: 'CREATE',
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  subresource: '',
  namespace: 'n',
  name: 'a',
  user: { name: 'ada', groups: [] },
  dryRun: false,
  object: labelled({}),
  oldObject: undefined,
};
const onNamespace = { group: '', resource: 'namespaces', kind: 'Namespace', namespace: 'stored', name: 'stored' };
const older: Equivalent = { group: 'extensions', version: 'v1beta1', resource: 'deployments', kind: 'Deployment' };
const selected = { matchLabels: { a: 'b' } };

interface Case {
  readonly name: string;
  readonly of?: Partial<AdmissionAttributes>;
  /** Beside a rule, or instead of it. */
  readonly match?: JsonObject;
  readonly rule?: JsonObject;
  readonly want: boolean;
}

/** Namespace `stored` has the label, `n` has not. */
function isMatched({ of = {}, match = {}, rule: more = {} }: Case): boolean {
  const matcher = createMatcher({ resourceRules: [{ ...rule, ...more }], ...match });
  const found = matcher.match(
    { ...created, ...of },
    { equivalents: () => [older], namespaceLabels: (name) => (name === 'stored' ? { a: 'b' } : {}) },
  );
  return found !== undefined;
}

test.each<Case>([
  { name: 'all as the rule says', want: true },
  { name: 'another operation', of: { operation: 'UPDATE' }, want: false },
  { name: 'another group', of: { group: '' }, want: false },
  { name: 'another version', of: { version: 'v2' }, want: false },
  { name: 'another resource', of: { resource: 'replicasets' }, want: false },
  { name: 'a subresource of it', of: { subresource: 'scale' }, want: false },
  {
    name: 'a subresource, by a star',
    of: { subresource: 'scale' },
    rule: { resources: ['deployments/*'] },
    want: true,
  },
  { name: 'the resource, by a star for subresources', rule: { resources: ['deployments/*'] }, want: true },
  { name: 'a subresource of any', of: { subresource: 'scale' }, rule: { resources: ['*/scale'] }, want: true },
  {
    name: 'a subresource, by a star for resources',
    of: { subresource: 'scale' },
    rule: { resources: ['*'] },
    want: false,
  },
  { name: 'a name', rule: { resourceNames: ['a'] }, want: true },
  { name: 'another name', rule: { resourceNames: ['b'] }, want: false },
  { name: 'the scope', rule: { scope: 'Namespaced' }, want: true },
  { name: 'the other scope', rule: { scope: 'Cluster' }, want: false },
  {
    name: 'a namespace stands in none',
    of: onNamespace,
    rule: { apiGroups: [''], resources: ['namespaces'], scope: 'Namespaced' },
    want: false,
  },
  { name: 'what is excluded', match: { excludeResourceRules: [{ ...rule, resourceNames: ['a'] }] }, want: false },
  { name: 'another form of it', rule: { apiGroups: ['extensions'], apiVersions: ['v1beta1'] }, want: true },
  {
    name: 'another form of it, where the very one is asked',
    rule: { apiGroups: ['extensions'], apiVersions: ['v1beta1'] },
    match: { matchPolicy: 'Exact' },
    want: false,
  },
  {
    name: 'what is excluded in another form',
    match: { excludeResourceRules: [{ ...rule, apiGroups: ['extensions'], apiVersions: ['v1beta1'] }] },
    want: false,
  },
  { name: 'a namespace without the label', match: { namespaceSelector: selected }, want: false },
  { name: 'a namespace with it', of: { namespace: 'stored' }, match: { namespaceSelector: selected }, want: true },
  {
    name: 'no namespace, which no label spares',
    of: { namespace: '' },
    match: { namespaceSelector: selected },
    want: true,
  },
  {
    name: 'a namespace that is to lose the label',
    of: onNamespace,
    rule: { apiGroups: [''], resources: ['namespaces'] },
    match: { namespaceSelector: selected },
    want: false,
  },
  {
    name: 'a namespace that goes',
    of: { ...onNamespace, operation: 'DELETE', object: undefined, oldObject: labelled({}) },
    rule: { apiGroups: [''], resources: ['namespaces'], operations: ['DELETE'] },
    match: { namespaceSelector: selected },
    want: true,
  },
  { name: 'an object without the label', match: { objectSelector: selected }, want: false },
  { name: 'an object with it', of: { object: labelled({ a: 'b' }) }, match: { objectSelector: selected }, want: true },
  {
    name: 'an object that is to lose it',
    of: { operation: 'UPDATE', oldObject: labelled({ a: 'b' }) },
    rule: { operations: ['UPDATE'] },
    match: { objectSelector: selected },
    want: true,
  },
])('KA-137b $name is matched: $want', (one) => expect(isMatched(one)).toBe(one.want));
