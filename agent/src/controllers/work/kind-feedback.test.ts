import { apiVersionOf, HealthRule } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { healthJudge } from '../../health/own-rules.ts';
import { feedbackOf } from './feedback.ts';
import { createFieldReader } from './field-reader.ts';
import { feedbackProblems, kindFeedback } from './kind-feedback.ts';

const rule = (name: string, spec: Partial<HealthRule['spec']>) =>
  stored<HealthRule>({
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name },
    spec: {
      target: { group: 'example.test', kind: 'Database' },
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
      ...spec,
    },
  });
const gvk = { group: 'example.test', kind: 'Database' };
const fields = rule('b', {
  feedback: [
    { name: 'phase', jsonPath: '.status.phase' },
    { name: 'missing', expression: 'object.spec.replicas - object.status.ready' },
  ],
});

test('DL-23 a rule says which fields of its kind are reported, by path or by CEL, and names itself', () => {
  const asked = kindFeedback(() => [fields])(gvk) ?? [];
  const live = { spec: { replicas: 3 }, status: { phase: 'Running', ready: 1 } };
  expect(feedbackOf(asked, live, createFieldReader())).toEqual([
    { name: 'phase', rule: 'b', value: '"Running"' },
    { name: 'missing', rule: 'b', value: '2' },
  ]);
});

test('DL-23 the first rule by name that asks for fields counts, follows changes, and is unknown until the hub has spoken', () => {
  let rules: readonly ReturnType<typeof rule>[] | undefined;
  const of = kindFeedback(() => rules);
  const names = () => of(gvk)?.map(({ name }) => name);
  const seen = [names()];
  const states = rule('a', { states: [{ health: 'Healthy', when: 'true' }] });
  rules = [rule('c', { feedback: [{ name: 'later', jsonPath: '.x' }] }), fields, states];
  seen.push(names());
  rules = [rule('c', { feedback: [{ name: 'later', jsonPath: '.x' }] }), states];
  seen.push(names());
  rules = [];
  seen.push(names());
  expect(seen).toEqual([undefined, ['phase', 'missing'], ['later'], []]);
  rules = [fields];
  expect(of({ group: '', kind: 'Database' })).toEqual([]);
});

test('DL-22, DL-23 a rule of fields alone leaves health to the agent and to rules after it', () => {
  const judge = healthJudge(() => [fields]);
  expect(judge(gvk, {}).health).toBe('Unknown');
  const later = rule('z', { states: [{ health: 'Degraded', when: 'true' }] });
  expect(healthJudge(() => [fields, later])(gvk, {}).health).toBe('Degraded');
});

test('DL-23 what cannot be read is named with its field', () => {
  const odd = rule('odd', {
    feedback: [
      { name: 'a', jsonPath: '.status[' },
      { name: 'b', jsonPath: '.status.b' },
      { name: 'c', expression: 'object.' },
    ],
  });
  expect(feedbackProblems(odd).map(({ field }) => field)).toEqual([
    'spec.feedback[0].jsonPath',
    'spec.feedback[2].expression',
  ]);
});
