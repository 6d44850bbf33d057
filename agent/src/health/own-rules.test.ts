import { apiVersionOf, HealthRule } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import { compileHealthRule, healthJudge } from './own-rules.ts';

type Spec = HealthRule['spec'];
const rule = (name: string, spec: Partial<Spec>) =>
  stored<HealthRule>({
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name },
    spec: {
      target: { group: 'example.test', kind: 'Database' },
      states: [{ health: 'Healthy', when: 'true' }],
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
      ...spec,
    },
  });
const database = rule('database', {
  states: [
    {
      health: 'Degraded',
      when: 'object.?status.?phase.orValue("") == "Failed"',
      reason: 'Failed',
      message: '"lost " + object.status.why',
    },
    { health: 'Healthy', when: 'object.?status.?replicas.orValue(0) >= object.spec.replicas' },
  ],
});
const gvk = { group: 'example.test', kind: 'Database' };

describe('own health rules', () => {
  test.each([
    {
      name: 'the first state that is true counts, with its message',
      status: { phase: 'Failed', why: 'its disk', replicas: 3 },
      want: { health: 'Degraded', reason: 'Failed', message: 'lost its disk' },
    },
    { name: 'a later state', status: { replicas: 3 }, want: { health: 'Healthy', reason: '', message: '' } },
    {
      name: 'no state',
      status: {},
      want: { health: 'Progressing', reason: '', message: 'no state of the health rule database is true' },
    },
    {
      name: 'a controller that is behind',
      status: { replicas: 3, observedGeneration: 1 },
      want: expect.objectContaining({ health: 'Progressing', reason: 'NotObserved' }),
    },
    {
      name: 'an expression that fails on the object',
      status: { phase: 'Failed' },
      want: expect.objectContaining({ health: 'Unknown', reason: 'RuleFailed' }),
    },
  ])('DL-22 $name', ({ status, want }) => {
    const object = { metadata: { generation: 2 }, spec: { replicas: 3 }, status };
    expect(healthJudge(() => [database])(gvk, object)).toEqual(want);
  });

  test('DL-22 a rule stands before the agent’s own, is replaced when it changes, and gone when it goes', () => {
    let rules = [rule('cm', { target: { group: '', kind: 'ConfigMap' } })];
    const judge = healthJudge(() => rules);
    const of = () => judge({ group: '', kind: 'ConfigMap' }, {}).health;
    const seen = [of()];
    rules = [rule('cm', { target: { group: '', kind: 'ConfigMap' }, states: [{ health: 'Degraded', when: 'true' }] })];
    seen.push(of());
    rules = [];
    seen.push(of());
    expect(seen).toEqual(['Healthy', 'Degraded', 'Unknown']);
  });

  test('DL-22 of two rules for one kind the first by name counts; what is being deleted is never healthy', () => {
    const rules = [rule('b', { states: [{ health: 'Degraded', when: 'true' }] }), rule('a', {})];
    const judge = healthJudge(() => rules);
    expect(judge(gvk, {}).health).toBe('Healthy');
    expect(judge(gvk, { metadata: { deletionTimestamp: 'now' } }).health).toBe('Progressing');
  });

  test('DL-22 a rule that cannot be read names the field, and makes its kind Unknown', () => {
    const bad = rule('bad', {
      states: [
        { health: 'Healthy', when: 'object.' },
        { health: 'Healthy', when: '"x"' },
      ],
    });
    const compiled = compileHealthRule(bad);
    expect(typeof compiled === 'object' && compiled.problems.map(({ field }) => field)).toEqual([
      'spec.states[0].when',
      'spec.states[1].when',
    ]);
    expect(healthJudge(() => [bad])(gvk, {})).toMatchObject({ health: 'Unknown', reason: 'RuleFailed' });
  });

  test('BI-25 an expression that costs too much ends', () => {
    const list = `[${Array.from({ length: 60 }, (_, index) => index).join(',')}]`;
    const costly = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a + b + c + d >= 0))))`;
    const judge = healthJudge(() => [rule('costly', { states: [{ health: 'Healthy', when: costly }] })]);
    expect(judge(gvk, {})).toMatchObject({ health: 'Unknown', reason: 'RuleFailed' });
  });
});
