import { HealthRule, type Stored } from '@quarterdeck/apis';
import { kubernetesCelEnvironment } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { problemsOf } from '../../../fleet/health-rule-gate.ts';
import { stored } from '../../../testing/builders.ts';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const environment = kubernetesCelEnvironment();
const rule = (when: string, over: Partial<HealthRule> = {}) =>
  stored(HealthRule, 'r', {
    spec: {
      target: { group: '', kind: 'Thing' },
      states: [{ health: 'Healthy', when }],
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
    },
    ...over,
  });
const look = (of: Stored<HealthRule>) => decide(of, problemsOf(of.spec, environment), now);
const written = (of: Stored<HealthRule>) =>
  look(of).map((write) => (write as unknown as { object: HealthRule }).object.status?.conditions);

test('DL-22 a rule that agents can read says so, once', () => {
  const good = rule('object.status.ready');
  const [conditions] = written(good);
  expect(conditions).toMatchObject([{ type: 'Readable', status: 'True', reason: 'Readable', observedGeneration: 1 }]);
  expect(look(rule('object.status.ready', { status: { conditions: conditions ?? [] } }))).toEqual([]);
});

test('DL-22 a rule that no agent can read names the expression', () => {
  expect(written(rule('object.status.'))).toMatchObject([
    [
      {
        type: 'Readable',
        status: 'False',
        reason: 'Unreadable',
        message: expect.stringContaining('spec.states[0].when: '),
      },
    ],
  ]);
});
