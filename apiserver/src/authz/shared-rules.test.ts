import { expect, test } from 'vitest';
import { roleObject } from './bootstrap-merge.ts';
import { bootstrapRoles } from './bootstrap-rbac.ts';
import { rulesOf } from './rbac-objects.ts';
import { compileRules } from './shared-rules.ts';

test('KA-129 bootstrap roles are compiled once for all servers of a process', () => {
  for (const role of bootstrapRoles) {
    const stored = () => JSON.parse(JSON.stringify(roleObject(role)));
    expect(compileRules(rulesOf(stored())), role.name).toBe(compileRules(rulesOf(stored())));
  }
});

test('KA-128 KA-129 the rules of bootstrap roles are shared where they are aggregated too', () => {
  const rules = bootstrapRoles.flatMap((role) => rulesOf(roleObject(role)));
  const aggregated = () => compileRules(JSON.parse(JSON.stringify(rules)));
  const again = aggregated();
  expect(again.map(({ rule }) => rule)).toEqual(rules);
  for (const [index, compiled] of aggregated().entries()) expect(compiled).toBe(again[index]);
});

test('KA-127 other roles are compiled as they are', () => {
  const [rule] = compileRules([{ verbs: ['get'], apiGroups: ['x'], resources: ['things'] }]);
  expect(rule?.rule).toEqual({ verbs: ['get'], apiGroups: ['x'], resources: ['things'] });
});
