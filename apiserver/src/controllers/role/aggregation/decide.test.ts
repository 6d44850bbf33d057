import type { ClusterRole, RbacRule, Stored } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';

const role = (name: string, rules: RbacRule[] | null = null): Stored<ClusterRole> =>
  stored({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules });
const rule = (verb: string): RbacRule => ({ verbs: [verb], apiGroups: [''], resources: ['pods'] });

test.each([
  {
    name: 'KA-128 rules come by name of the part, equal ones once',
    role: role('view'),
    parts: [role('b', [rule('list'), rule('get')]), role('a', [rule('get'), rule('watch')]), role('c')],
    want: [rule('get'), rule('watch'), rule('list')],
  },
  {
    name: 'KA-128 what is right is left',
    role: role('view', [rule('get')]),
    parts: [role('a', [rule('get')])],
    want: undefined,
  },
  { name: 'KA-128 without parts nothing is held', role: role('view', [rule('get')]), parts: [], want: [] },
  { name: 'KA-128 nothing of nothing is right', role: role('view'), parts: [], want: undefined },
  {
    name: 'KA-128 what was written by hand goes',
    role: role('view', [rule('get'), rule('*')]),
    parts: [role('a', [rule('get')])],
    want: [rule('get')],
  },
])('$name', ({ role: seen, parts, want }) => {
  expect(decide({ role: seen, parts })).toEqual(want === undefined ? undefined : { ...seen, rules: want });
});
