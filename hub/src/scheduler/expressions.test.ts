import { parseQuantity } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { view } from '../testing/builders.ts';
import { createExpressionCompiler } from './expressions.ts';

const compile = createExpressionCompiler();
const cluster = view('m1', {
  labels: { region: 'eu-1' },
  properties: { 'gpu.example.com': '4' },
  version: '1.35.4',
  capacity: {
    total: new Map([['cpu', parseQuantity('8')]]),
    allocatable: new Map([['cpu', parseQuantity('7500m')]]),
    free: new Map([['cpu', parseQuantity('2')]]),
    nodes: undefined,
    observedAt: undefined,
  },
  taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
  scores: { prices: { values: new Map([['hourly', 70]]), exclusion: undefined, validUntil: undefined } },
});
const resultOf = (text: string, yields: 'bool' | 'score' = 'bool') => {
  const compiled = compile(text, yields);
  return 'problem' in compiled ? compiled : compiled.evaluate(cluster);
};

describe('createExpressionCompiler', () => {
  test.each([
    ["cluster.name == 'm1' && cluster.clusterSet == 'default'", true],
    ["cluster.labels.region.startsWith('eu-')", true],
    ["int(cluster.properties['gpu.example.com']) >= 4", true],
    ["cluster.version.startsWith('1.35')", true],
    ["quantity(cluster.capacity.free.cpu).isGreaterThan(quantity('1500m'))", true],
    ["cluster.conditions.Joined == 'True'", true],
    ["cluster.taints.exists(t, t.effect == 'NoExecute')", false],
    ['cluster.scores.prices.hourly > 69', true],
  ])('PL-5 an expression sees %s', (text, want) => {
    expect(resultOf(text)).toEqual({ value: want });
  });

  test('PL-15 a score is the number that an expression yields', () => {
    expect(resultOf('cluster.scores.prices.hourly / 2', 'score')).toEqual({ value: 35 });
  });

  test('PL-6 what is not there is an error, not false', () => {
    expect(resultOf("cluster.labels.zone == 'a'")).toEqual({ error: expect.stringContaining('no such key') });
  });

  test('PL-5, BI-25 an expression that costs too much yields nothing', () => {
    const long = `[${Array.from({ length: 60 }, (_, index) => index).join()}]`;
    expect(resultOf(`${long}.all(a, ${long}.all(b, ${long}.all(c, a + b + c >= 0)))`)).toEqual({
      error: expect.stringContaining('cost limit'),
    });
  });

  test.each([['cluster.name =='], ['1 + 1'], ['unknown.name']])('PL-21 %s is a problem when it is compiled', (text) => {
    expect(resultOf(text)).toEqual({ problem: expect.any(String) });
  });
});
