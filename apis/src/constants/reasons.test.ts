import { expect, test } from 'vitest';
import { conditionType } from './conditions.ts';
import { reasonRegistry } from './reasons.ts';

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = conditionType;
const reasons = Object.entries(reasonRegistry).flatMap(([kind, entries]) =>
  Object.entries(entries).map(([reason, entry]) => ({ name: `${kind} ${reason}`, kind, reason, entry })),
);

test('the kinds with conditions and those with reasons are the same', () => {
  expect(Object.keys(reasonRegistry).sort()).toEqual(Object.keys(types).sort());
});

test.each(reasons)('CI-24 $name is one word on conditions that exist', ({ kind, reason, entry }) => {
  expect(reason).toMatch(/^[A-Z][A-Za-z]*$/);
  expect(Object.values(types[kind] ?? {})).toEqual(expect.arrayContaining([...entry.on]));
  expect(entry.means).toMatch(/\.$/);
});

test('every condition has a reason for being true', () => {
  for (const [kind, entries] of Object.entries(types)) {
    for (const type of Object.values(entries)) {
      const statuses = Object.values(reasonRegistry[kind] ?? {}).filter(({ on }) => on.includes(type));
      expect(new Set(statuses.map(({ status }) => status)), `${kind} ${type}`).toContain('True');
    }
  }
});
