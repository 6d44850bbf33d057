import { describe, expect, test } from 'vitest';
import type { Attributes, PolicyRule } from './authorizer.ts';
import { compileRule, ruleAllows } from './rules.ts';

const user = { name: 'ada', groups: [] };

const request = (text: string): Attributes => {
  const [verb = '', path = '', name = ''] = text.split(' ');
  if (path.startsWith('/')) return { user, verb, path };
  const [groupPart = '', rest = ''] = path.split(':');
  const [resource = '', subresource = ''] = rest.split('/');
  return { user, verb, group: groupPart, version: 'v1', resource, subresource, namespace: 'default', name };
};

const table: { name: string; rule: PolicyRule; yes: string[]; no: string[] }[] = [
  {
    name: 'KA-127 among names a star is a name',
    rule: { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['*', 'db'] },
    yes: ['get :secrets *', 'get :secrets db'],
    no: ['get :secrets ca', 'get :secrets'],
  },
  {
    name: 'KA-127 a star in the middle of a path is a star',
    rule: { verbs: ['get'], nonResourceURLs: ['/a/*/b*'] },
    yes: ['get /a/*/b', 'get /a/*/bc'],
    no: ['get /a/x/b', 'get /a/'],
  },
  {
    name: 'KA-127 verbs, groups and resources are compared exactly',
    rule: { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
    yes: ['get apps:deployments', 'get apps:deployments x'],
    no: [
      'list apps:deployments',
      'get :deployments',
      'get apps:deployment',
      'get apps:deployments/scale',
      'GET apps:deployments',
    ],
  },
  {
    name: 'KA-127 a star covers every resource and subresource, but no path',
    rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    yes: ['get :pods', 'delete apps:deployments x', 'update :pods/status x', 'approve certificates.k8s.io:signers a/b'],
    no: ['get /healthz'],
  },
  {
    name: 'KA-127 a resource does not cover its subresources',
    rule: { verbs: ['update'], apiGroups: [''], resources: ['pods', 'nodes/status'] },
    yes: ['update :pods x', 'update :nodes/status x'],
    no: ['update :pods/status x', 'update :nodes x'],
  },
  {
    name: 'KA-127 */scale covers that subresource of every resource',
    rule: { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
    yes: ['update apps:deployments/scale x', 'update x:widgets/scale x'],
    no: ['update apps:deployments x', 'update apps:deployments/status x', 'update apps:deployments/autoscale x'],
  },
  {
    name: 'KA-127 resourceNames never allow a request without a name',
    rule: { verbs: ['get', 'create', 'list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a', ''] },
    yes: ['get :secrets a', 'list :secrets a'],
    no: ['get :secrets b', 'list :secrets', 'create :secrets', 'get :secrets A'],
  },
  {
    name: 'KA-127 a path pattern ends in a star or is the path itself',
    rule: { verbs: ['get'], nonResourceURLs: ['/healthz', '/apis/*'] },
    yes: ['get /healthz', 'get /apis/', 'get /apis/x/y'],
    no: ['get /healthz/', 'get /apis', 'head /healthz', 'get :pods', 'get /'],
  },
  {
    name: 'KA-127 a rule of nothing allows nothing',
    rule: { verbs: [] },
    yes: [],
    no: ['get :pods', 'get /healthz'],
  },
];

describe.each([
  { how: 'as written', allows: ruleAllows },
  { how: 'compiled', allows: (rule: PolicyRule, attributes: Attributes) => compileRule(rule).allows(attributes) },
])('$how', ({ allows }) => {
  test.each(table)('$name', ({ rule, yes, no }) => {
    const verdicts = Object.fromEntries([...yes, ...no].map((text) => [text, allows(rule, request(text))]));
    expect(verdicts).toEqual(
      Object.fromEntries([...yes.map((text) => [text, true]), ...no.map((text) => [text, false])]),
    );
  });
});
