import type { Condition, Manifest, Work, WorkReport } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { foundObjects, isAnswered, isQuestion, question, takingOver } from './adoption.ts';

const name = { namespace: 'member-m1', name: 'w' };
const manifest = (title: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: title, namespace: 'shop', annotations: { 'quarterdeck.dev/apply-strategy': 'CreateOnly' } },
});
const condition = (reason: string, message = ''): Condition => ({
  type: 'Applied',
  status: 'False',
  reason,
  message,
  observedGeneration: 2,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const answer = (...conditions: Condition[]): Work => ({
  ...question(
    name,
    conditions.map((_, index) => manifest(`c${index}`)),
  ),
  status: {
    conditions: [condition('AppliedWorkFailed')],
    manifestConditions: conditions.map((each, ordinal) => ({
      identifier: { ordinal, kind: 'ConfigMap', namespace: 'shop', name: `c${ordinal}` },
      conditions: [each],
    })),
  },
});

test('DL-2 the question writes nothing, whatever the manifests say themselves', () => {
  const asked = question(name, [manifest('a')]);
  const [first] = asked.spec?.workload?.manifests ?? [];
  expect([isQuestion(asked), first?.metadata]).toEqual([
    true,
    { name: 'a', namespace: 'shop', annotations: { 'quarterdeck.dev/apply-strategy': 'ReportOnly' } },
  ]);
});

test('DL-4 what the agent could not compare is never taken over; its own words tell why', () => {
  const found = foundObjects(answer(condition('ReportOnly'), condition('UnknownKind', 'not served')), undefined);
  expect(found.map(({ title, state, message }) => [title, state, message])).toEqual([
    ['ConfigMap shop/c0', 'Equal', ''],
    ['ConfigMap shop/c1', 'Unclear', 'not served'],
  ]);
  const all = { differing: true, missing: true };
  const taken = takingOver(name, [manifest('c0'), manifest('c1')], found, all);
  expect(taken.spec?.workload?.manifests).toEqual([manifest('c0')]);
  expect([isQuestion(taken), taken.metadata.annotations]).toEqual([
    false,
    { 'quarterdeck.dev/take-over': 'IfEqual', 'quarterdeck.dev/deletion-policy': 'Orphan' },
  ]);
});

test('DL-4 an answer is one for this very generation, in status and report', () => {
  const report = (observedWorkGeneration: number): WorkReport => ({
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'WorkReport',
    metadata: name,
    status: { observedWorkGeneration },
  });
  const at = (generation: number): Work => ({ ...answer(), metadata: { ...name, generation } });
  expect([
    isAnswered(at(2), report(2)),
    isAnswered(at(3), report(3)),
    isAnswered(at(2), report(1)),
    isAnswered(at(2), undefined),
  ]).toEqual([true, false, false, false]);
});
