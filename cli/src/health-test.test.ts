import type { KubeObject } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { testHealth } from './health-test.ts';

const rule = (when: string) =>
  ({
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'HealthRule',
    metadata: { name: 'database' },
    spec: { target: { group: 'example.test', kind: 'Database' }, states: [{ health: 'Healthy', when }] },
  }) as unknown as KubeObject;
const database = (ready: boolean, expected?: string) =>
  ({
    apiVersion: 'example.test/v1',
    kind: 'Database',
    metadata: {
      name: ready ? 'up' : 'down',
      ...(expected === undefined ? {} : { annotations: { 'quarterdeck.dev/expect-health': expected } }),
    },
    status: { ready },
  }) as unknown as KubeObject;

test('DL-22 objects of a file are judged by its rules, and compared with what is expected', async () => {
  const { rows, problems } = await testHealth([
    rule('object.status.ready'),
    database(true, 'Healthy'),
    database(false, 'Degraded'),
  ]);
  const message = 'no state of the health rule database is true';
  expect(rows.slice(1)).toEqual([
    ['Database up', 'Healthy', 'as expected', ''],
    ['Database down', 'Progressing', 'not Degraded', message],
  ]);
  expect(problems).toEqual([`Database down is Progressing, not Degraded as expected: ${message}`]);
});

test('DL-22 a rule that cannot be read is named with its field', async () => {
  const { problems } = await testHealth([rule('object.'), database(true)]);
  expect(problems).toEqual([
    expect.stringMatching(/^HealthRule database: spec\.states\[0\]\.when: compilation failed: /),
  ]);
});
