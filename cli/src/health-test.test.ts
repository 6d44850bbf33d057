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

test('DL-23 fields that rules ask for are read of the objects, and compared with what is expected', async () => {
  const asking = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'HealthRule',
    metadata: { name: 'fields' },
    spec: {
      target: { group: 'example.test', kind: 'Database' },
      feedback: [
        { name: 'ready', jsonPath: '.status.ready' },
        { name: 'node', expression: 'object.status.node' },
      ],
    },
  } as unknown as KubeObject;
  const up = database(true);
  const expecting = {
    ...up,
    metadata: { ...up.metadata, annotations: { 'quarterdeck.dev/expect-fields': 'ready=true; node="n1"; lag=3' } },
  };
  const { rows, fieldRows, problems } = await testHealth([asking, expecting]);
  expect(rows.slice(1)).toEqual([['Database up', 'Unknown', '', '']]);
  const [head, ready, node] = fieldRows;
  expect([head, ready]).toEqual([
    ['OBJECT', 'FIELD', 'VALUE', 'EXPECTED'],
    ['Database up', 'ready', 'true', 'as expected'],
  ]);
  expect(node).toEqual(['Database up', 'node', expect.stringMatching(/^\(the expression failed: /), 'not "n1"']);
  expect(problems).toEqual([
    expect.stringMatching(/^Database up has the field node=\(the expression failed: .*\), not "n1" as expected$/),
    'Database up has no field lag, and 3 was expected',
  ]);
});

test('DL-23 a rule about nothing, a field without or with two sources, and two of one name are named', async () => {
  const odd = (spec: object) =>
    ({
      apiVersion: 'quarterdeck.dev/v1alpha1',
      kind: 'HealthRule',
      metadata: { name: 'odd' },
      spec: { target: { group: '', kind: 'ConfigMap' }, ...spec },
    }) as unknown as KubeObject;
  const source = { name: 'a', jsonPath: '.data.a' };
  const { problems } = await testHealth([
    odd({}),
    odd({ feedback: [source, { ...source, name: 'b', expression: 'object.data.a' }, { name: 'c' }, source] }),
    odd({ feedback: [{ name: 'a', jsonPath: '.data[' }] }),
  ]);
  expect(problems).toEqual([
    'HealthRule odd: spec: needs states, feedback, or both',
    'HealthRule odd: spec.feedback[1]: needs either a jsonPath or an expression',
    'HealthRule odd: spec.feedback[2]: needs either a jsonPath or an expression',
    'HealthRule odd: spec.feedback[3].name: there are two fields a',
    expect.stringMatching(/^HealthRule odd: spec\.feedback\[0\]\.jsonPath: /),
  ]);
});
