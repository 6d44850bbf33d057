import { apiError, ConfigMap, type KubeList, type KubeObject } from '@quarterdeck/apis';
import type { Client, ListOptions } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createAbsence } from './absence.ts';

function setup(count: number, answer: () => Partial<KubeList<KubeObject>['metadata']> = () => ({})) {
  const asked: ListOptions[] = [];
  const list = (_type: unknown, options: ListOptions = {}) => {
    asked.push(options);
    return Promise.resolve({ metadata: answer(), items: [{ metadata: { name: 'foreign' } }] });
  };
  const clock = fakeClock();
  const absence = createAbsence({
    memberClient: { list } as unknown as Client,
    clock,
    signal: new AbortController().signal,
    ownLabel: 'own',
    wanted: Array.from({ length: count }, () => ({ type: ConfigMap, namespace: 'shop' })),
  });
  const isKnown = (name: string) => absence.isKnown(ConfigMap, 'shop', name);
  return { asked, clock, isKnown };
}

test('WK-31 one list tells of many new objects, what is there is asked for by itself', async () => {
  const { asked, isKnown } = setup(16);
  expect(await Promise.all(['a', 'foreign', 'b'].map(isKnown))).toEqual([true, false, true]);
  expect(asked).toEqual([
    expect.objectContaining({ namespace: 'shop', labelSelector: 'quarterdeck.dev/applied-work!=own', limit: 500 }),
  ]);
});

test('WK-31 an answer is believed for a second, then it is asked for again', async () => {
  const { asked, clock, isKnown } = setup(16);
  await isKnown('a');
  await clock.advance(1_001);
  expect([await isKnown('a'), asked.length]).toEqual([true, 2]);
});

test('WK-31 few objects, many foreign ones, or no right to list: each object is asked for', async () => {
  const few = setup(15);
  expect([await few.isKnown('a'), few.asked.length]).toEqual([false, 0]);
  const many = setup(16, () => ({ continue: 'more' }));
  expect([await many.isKnown('a'), await many.isKnown('b'), many.asked.length]).toEqual([false, false, 1]);
  const refused = setup(16, () => {
    throw apiError('Forbidden', 'no');
  });
  expect(await refused.isKnown('a')).toBe(false);
});
