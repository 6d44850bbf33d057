import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloneValue, equalValues, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { appApiVersion, appSchema } from './app-schema.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { extractOwned } from './extract-owned.ts';
import { hasPath, pathsOf } from './field-set.ts';
import { encodeFieldsV1 } from './fields-v1.ts';
import { decodeOwners, managedFieldsOf, type Owners } from './owners.ts';
import { objectShape } from './shape.ts';
import { toFieldSet } from './to-field-set.ts';
import { trackUpdate } from './track-update.ts';

// No empty sets and keyed lists: as nobody owns those (recordings: empty-list), no law holds for them, nor in Kubernetes.
const word = fc.constantFrom('x', 'y', 'z<');
const some = <T>(entry: fc.Arbitrary<T>) => fc.option(entry, { nil: undefined, freq: 2 });
const without = (record: Record<string, unknown>): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as JsonObject;
const struct = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, some(value)]))).map(without);
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), word, { maxKeys: 3 });
const keyedBy = <T extends JsonValue>(items: fc.Arbitrary<T>, key: (item: T) => string) =>
  fc.uniqueArray(items, { selector: key, minLength: 1, maxLength: 3 });

const container = fc
  .tuple(
    word,
    struct({
      image: word,
      args: fc.array(word, { maxLength: 2 }),
      env: keyedBy(fc.record({ name: word, value: word }), ({ name }) => String(name)),
    }),
  )
  .map(([name, rest]): JsonObject => ({ name, ...rest }));

const spec = struct({
  replicas: fc.nat(3),
  paused: fc.boolean(),
  selector: labels,
  labels,
  tags: fc.uniqueArray(word, { minLength: 1 }),
  containers: keyedBy(container, ({ name }) => String(name)),
  strategy: struct({ type: word, rolling: struct({ maxSurge: fc.oneof(fc.nat(3), word) }) }),
  extra: struct({ any: fc.oneof(word, labels, fc.array(word, { maxLength: 2 })) }),
});
const config = spec.map(
  (body): JsonObject => ({ apiVersion: appApiVersion, kind: 'App', metadata: { name: 'app' }, spec: body }),
);

const shape = objectShape(appSchema);
const common = { schema: appSchema, apiVersion: appApiVersion, now: '2026-01-01T00:00:00Z' };

function apply(live: JsonObject | undefined, manager: string, applied: JsonObject, force = true): JsonObject {
  const result = applyConfiguration({ ...common, live, config: applied, manager, force });
  if (result.object === undefined) throw new Error(JSON.stringify(result.conflicts));
  return { ...result.object, metadata: { ...(result.object.metadata as JsonObject), uid: 'u' } };
}

const update = (live: JsonObject | undefined, manager: string, next: JsonObject): JsonObject => {
  const tracked = trackUpdate({ ...common, live, next, manager });
  return { ...tracked, metadata: { ...(tracked.metadata as JsonObject), uid: 'u' } };
};

/** A configuration that names the object and none of its fields. */
const nothing: JsonObject = { apiVersion: appApiVersion, kind: 'App', metadata: { name: 'app' } };

const ownersOf = (object: JsonObject): Owners => {
  const owners = decodeOwners(managedFieldsOf(object));
  if (owners instanceof Error) throw owners;
  return owners;
};

const write = fc.record({ manager: fc.constantFrom('a', 'b', 'c'), applies: fc.boolean(), object: config });
const history = fc.array(write, { minLength: 1, maxLength: 6 });
const play = (writes: { manager: string; applies: boolean; object: JsonObject }[]): JsonObject =>
  writes.reduce<JsonObject | undefined>(
    (live, { manager, applies, object }) => (applies ? apply : update)(live, manager, object),
    undefined,
  ) as JsonObject;

describe('laws of server-side apply', () => {
  test('KA-79, KA-56 the same configuration again changes nothing', () => {
    fc.assert(
      fc.property(history, config, (writes, applied) => {
        const once = apply(play(writes), 'a', applied);
        const twice = applyConfiguration({
          ...common,
          live: once,
          config: applied,
          manager: 'a',
          now: '2026-02-02T00:00:00Z',
        });
        expect(twice).toEqual({ object: once });
      }),
    );
  });

  test('KA-76 what is applied is there and owned, whatever was before', () => {
    fc.assert(
      fc.property(history, config, (writes, applied) => {
        const result = apply(play(writes), 'a', applied);
        const mine = [...ownersOf(result).values()].find(
          ({ manager, operation }) => manager === 'a' && operation === 'Apply',
        );
        for (const path of pathsOf(toFieldSet(applied, shape))) {
          expect(leadsTo(result, path), path.join(' ')).toBe(true);
          if (path[0] === 'f:spec') expect(mine && hasPath(mine.fields, path), path.join(' ')).toBe(true);
        }
      }),
    );
  });

  test('KA-76b without force, nothing that others own changes or goes', () => {
    fc.assert(
      fc.property(history, config, (writes, applied) => {
        const live = play(writes);
        const result = applyConfiguration({ ...common, live, config: applied, manager: 'a' });
        if (result.object === undefined) return;
        for (const owner of ownersOf(live).values()) {
          // Who updates a field of a list item does not own the item, and cannot keep it.
          if (owner.manager === 'a' || owner.operation === 'Update') continue;
          const kept = [...ownersOf(result.object).values()].find(
            (entry) => entry.manager === owner.manager && entry.operation === owner.operation,
          );
          expect(kept && [...pathsOf(kept.fields)]).toEqual([...pathsOf(owner.fields)]);
        }
      }),
    );
  });

  test('KA-75, KA-76 nobody owns what is not there', () => {
    fc.assert(
      fc.property(history, (writes) => {
        const live = play(writes);
        for (const { fields } of ownersOf(live).values()) {
          for (const path of pathsOf(fields)) {
            expect(leadsTo(live, path), path.join(' ')).toBe(true);
          }
        }
      }),
    );
  });

  test('KA-76 managers of different fields can come in any order', () => {
    fc.assert(
      fc.property(spec, spec, (left, right) => {
        const mine = framed(left);
        const theirs = framed(Object.fromEntries(Object.entries(right).filter(([name]) => !(name in left))));
        const one = apply(apply(undefined, 'a', mine, false), 'b', theirs, false);
        const other = apply(apply(undefined, 'b', theirs, false), 'a', mine, false);
        expect(equalSpecs(one, other)).toBe(true);
        expect(untimedOwners(one)).toEqual(untimedOwners(other));
      }),
    );
  });

  test('KA-76 who takes back all that it applied leaves the object as it was before', () => {
    fc.assert(
      fc.property(spec, spec, (left, right) => {
        // A map that was applied empty goes with the last field of another that is taken back, as in Kubernetes.
        fc.pre(Object.keys(left).length > 0);
        const before = apply(undefined, 'a', framed(left), false);
        const theirs = framed(Object.fromEntries(Object.entries(right).filter(([name]) => !(name in left))));
        const after = apply(apply(before, 'b', theirs, false), 'b', nothing, false);
        expect(equalSpecs(after, before)).toBe(true);
        expect(untimedOwners(after)).toEqual(untimedOwners(before));
      }),
    );
  });

  test('KA-76 who takes back what it shares takes nothing from others', () => {
    fc.assert(
      fc.property(spec, (shared) => {
        const before = apply(undefined, 'a', framed(shared), false);
        const after = apply(apply(before, 'b', framed(shared), false), 'b', nothing, false);
        expect(equalSpecs(after, before)).toBe(true);
        expect(untimedOwners(after)).toEqual(untimedOwners(before));
      }),
    );
  });

  test('KA-76 what one manager extracts of its own, it can apply again to no effect', () => {
    fc.assert(
      fc.property(history, config, (writes, applied) => {
        const live = apply(play(writes), 'a', applied);
        const owned = extractOwned(live, appSchema, 'a');
        if (owned === undefined) return;
        expect(applyConfiguration({ ...common, live, config: owned, manager: 'a' })).toEqual({ object: live });
      }),
    );
  });

  test('KA-76 the arguments are never touched', () => {
    fc.assert(
      fc.property(history, config, (writes, applied) => {
        const live = play(writes);
        const [before, wanted] = [cloneValue(live), cloneValue(applied)];
        apply(live, 'a', applied);
        update(live, 'a', applied);
        expect(live).toEqual(before);
        expect(applied).toEqual(wanted);
      }),
    );
  });
});

const framed = (body: JsonObject): JsonObject => ({
  apiVersion: appApiVersion,
  kind: 'App',
  metadata: { name: 'app' },
  spec: body,
});

const equalSpecs = (a: JsonObject, b: JsonObject): boolean => equalValues(a.spec, b.spec);

/** Whether a path leads to a value: through fields, list items by key, and values of sets. */
function leadsTo(object: JsonObject, path: readonly string[]): boolean {
  let value: JsonValue | undefined = object;
  for (const step of path) {
    const rest: string = step.slice(2);
    if (Array.isArray(value)) value = value.find((item) => matches(item, step[0], JSON.parse(rest) as JsonValue));
    else value = isJsonObject(value ?? null) ? (value as JsonObject)[rest] : undefined;
  }
  return value !== undefined;
}

const matches = (item: JsonValue, kind: string | undefined, wanted: JsonValue): boolean =>
  kind === 'v'
    ? equalValues(item, wanted)
    : isJsonObject(item) &&
      Object.entries(wanted as JsonObject).every(([name, value]) => equalValues(item[name], value));

/** Without times: who comes second may find nothing to change, and gets none. */
const untimedOwners = (object: JsonObject): [string, string][] =>
  [...ownersOf(object).values()]
    .map(({ manager, fields }): [string, string] => [manager, JSON.stringify(encodeFieldsV1(fields))])
    .sort();
