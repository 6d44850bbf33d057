import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StructuralSchema } from '../schema/structural.ts';
import { atLeast } from '../testing/at-least.ts';
import { equalValues, type JsonObject, type JsonValue } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

/**
 * What lists with merge strategy become, said as simply as can be: every item is looked for among all. Items have no
 * lists of their own. KA-69
 */
const model = {
  merge(live: readonly JsonValue[], patch: readonly JsonValue[]): JsonValue[] {
    const whole = [...live, ...patch];
    if (!whole.some(isMap)) {
      const distinct = whole.filter((item, index) => model.indexOf(whole, item) === index);
      return model.order(distinct, patch, live);
    }
    if (!whole.every(isMap)) throw new PatchError('invalid', 'mixed');
    const changes = (patch as JsonObject[]).filter(({ $patch }) => $patch === undefined || $patch === 'merge');
    const applied = changes.map(({ $patch: _, ...change }) => change);
    const deleted = (patch as JsonObject[]).filter(({ $patch }) => $patch === 'delete').map(keyOf);
    if (patch.some((item) => (item as JsonObject).$patch === 'replace')) {
      const values = applied.map(withoutNulls);
      return model.order(values, [], values);
    }
    const kept = live.filter((item) => !deleted.some((key) => equalValues((item as JsonObject).id, key)));
    const merged = [...kept];
    for (const change of applied) {
      const index = model.indexOf(merged, change);
      if (index === -1) merged.push(withoutNulls(change));
      else merged[index] = withoutNulls({ ...(merged[index] as JsonObject), ...change });
    }
    return model.order(merged, applied, kept);
  },

  indexOf: (items: readonly JsonValue[], wanted: JsonValue): number =>
    items.findIndex((item) => equalValues(keyOf(item), keyOf(wanted))),

  /** Each named item is preceded by the others that stood before it on the server; what is left comes last. */
  order(items: readonly JsonValue[], named: readonly JsonValue[], server: readonly JsonValue[]): JsonValue[] {
    const at = (item: JsonValue) => model.indexOf(server, item);
    for (const item of [...named, ...server]) keyOf(item);
    const others = items.filter((item) => model.indexOf(named, item) === -1).sort((a, b) => at(a) - at(b));
    const ordered: JsonValue[] = [];
    const right = items.filter((item) => model.indexOf(named, item) !== -1);
    for (const item of right.sort((a, b) => model.indexOf(named, a) - model.indexOf(named, b))) {
      while (others[0] !== undefined && at(others[0]) >= 0 && at(others[0]) < at(item)) {
        ordered.push(others.shift() as JsonValue);
      }
      ordered.push(item);
    }
    return [...ordered, ...others];
  },
};

const isMap = (item: JsonValue): item is JsonObject => typeof item === 'object' && item !== null;
const withoutNulls = (map: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));

function keyOf(item: JsonValue): JsonValue {
  if (!isMap(item)) return item;
  if (item.id === undefined) throw new PatchError('invalid', 'no key');
  return item.id;
}

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    list: {
      type: 'array',
      items: { type: 'object', properties: { id: {}, a: { type: 'string' } } },
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'id',
    },
  },
};

/** Few, so that many meet; some are equal in two spellings, and some look equal and are not. */
const key: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(
  ...['a', 'b', 'c', '1', 'true', 'null', '[]'],
  ...[0, -0, 1, 1n, 1.5, 2 ** 60, 2n ** 60n, 1152921504606847000n, true, false],
);
const field = fc.option(fc.constantFrom<JsonValue>('x', 'y', null), { nil: undefined });
const item = fc.record({
  id: fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant(undefined) }),
});
const liveMap = fc.tuple(item, fc.constantFrom('u', 'v', undefined)).map(([{ id }, a]) => present({ id, a }));
const patchMap = fc
  .tuple(item, field, fc.constantFrom(undefined, undefined, undefined, 'delete', 'merge', 'replace'))
  .map(([{ id }, a, $patch]) => present({ id, a, $patch }));
const live = fc.oneof(fc.array(liveMap, { maxLength: 12 }), fc.array(key, { maxLength: 12 }));
const patch = fc.oneof(fc.array(patchMap, { maxLength: 8 }), fc.array(key, { maxLength: 8 }));

function present(map: Record<string, JsonValue | undefined>): JsonObject {
  const entries = Object.entries(map).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** A refusal is an outcome like any other. */
function outcomeOf(work: () => JsonValue[]): JsonValue[] | 'invalid' {
  try {
    return work();
  } catch (error) {
    expect(error).toMatchObject({ name: 'PatchError', kind: 'invalid' });
    return 'invalid';
  }
}

const patched = (list: JsonValue[], change: JsonObject): JsonValue[] =>
  (applyStrategicMergePatch({ list }, change, schema) as JsonObject).list as JsonValue[];

describe('lists with merge strategy', () => {
  test('KA-69 become what the simplest reading of a patch makes of them', () => {
    fc.assert(
      fc.property(live, patch, (list, change) => {
        const got = outcomeOf(() => patched(list, { list: change }));
        const want = outcomeOf(() => model.merge(list, change));
        expect(got === want || equalValues(got, want)).toBe(true);
      }),
      atLeast(200),
    );
  });

  test('KA-69 take any order, and lose any values', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 12 }), fc.array(key), fc.array(key), (list, order, deleted) => {
        const ordered = model.order(list, order, list);
        expect(equalValues(patched(list, { '$setElementOrder/list': order }), ordered)).toBe(true);
        const left = list.filter((value) => !deleted.some((other) => equalValues(value, other)));
        expect(equalValues(patched(list, { '$deleteFromPrimitiveList/list': deleted }), left)).toBe(true);
      }),
      atLeast(200),
    );
  });
});

describe('the cost of a patch', () => {
  const size = 300;
  let looks = 0;
  /** A merge key that counts how often somebody looks into it. No text could. */
  const counting = (id: number): JsonObject =>
    new Proxy<JsonObject>(
      { id },
      {
        ownKeys: (key) => {
          looks += 1;
          return Reflect.ownKeys(key);
        },
      },
    );
  const items = (first: number, more: JsonObject = {}): JsonObject[] =>
    Array.from({ length: size }, (_, index) => ({ ...more, id: counting(first + index) }));

  test.each([
    { name: 'changes', change: () => ({ list: items(0, { a: 'x' }) }) },
    { name: 'adds', change: () => ({ list: items(size) }) },
    { name: 'deletes', change: () => ({ list: items(0, { $patch: 'delete' }) }) },
    { name: 'orders', change: () => ({ '$setElementOrder/list': items(0).toReversed() }) },
  ])('KA-69, BI-16 that $name as many items as a list has costs as many looks, not their square', ({ change }) => {
    looks = 0;
    const { list } = applyStrategicMergePatch({ list: items(0) }, change(), schema) as { list: JsonValue[] };
    expect(list.length % size).toBe(0);
    expect(looks).toBeLessThan(20 * size);
  });
});
