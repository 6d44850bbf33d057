import type { JsonObject } from '@quarterdeck/machinery';
import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Revision } from '../storage/storage.ts';
import { keyOf, put, remove, type StoreFixture, storeFixture, told } from '../testing/store-fixture.ts';
import { objectBody } from './body.ts';
import { CompactedError, type Entry, type Store, type StoreWatch } from './store.ts';

const minute = 60_000;
const namespaces = ['a', 'a-b'];
const names = ['x', 'y', 'z'];
const resources = ['configmaps', 'secrets'];

/** All namespaces, one, or one object. */
interface Place {
  readonly namespace: string;
  readonly name?: string;
}

type Command =
  | { readonly do: 'put' | 'delete'; readonly on: number; readonly path: string; readonly resource: string }
  | {
      readonly do: 'watch';
      readonly on: number;
      readonly resource: string;
      readonly place: Place;
      readonly back: number;
    }
  | { readonly do: 'read'; readonly watch: number }
  | {
      readonly do: 'list';
      readonly on: number;
      readonly resource: string;
      readonly place: Place;
      readonly back: number;
      readonly limit: number;
    }
  | { readonly do: 'restart' }
  | { readonly do: 'pass'; readonly minutes: number };

const on = fc.constantFrom(0, 1);
const resource = fc.constantFrom(...resources);
const place = fc.oneof(
  fc.record({ namespace: fc.constantFrom('', ...namespaces) }),
  fc.record({ namespace: fc.constantFrom(...namespaces), name: fc.constantFrom(...names) }),
);
const path = fc.constantFrom(...namespaces.flatMap((space) => names.map((name) => `${space}/${name}`)));
const back = fc.nat(12);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('put', 'put', 'delete'), on, path, resource }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('watch' as const), on, resource, place, back }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), watch: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      on,
      resource,
      place,
      back,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 4 }) }) },
);

/** Everything that ever happened, and what was there at each revision. */
interface Model {
  readonly events: {
    readonly line: string;
    readonly revision: Revision;
    readonly resource: string;
    readonly namespace: string;
    readonly name: string;
    readonly at: number;
  }[];
  /** By revision: what was written, of a deletion the last state. */
  readonly bodies: Map<Revision, string>;
  /** By revision, of every write: `resource namespace/name` -> revision. */
  readonly states: { readonly revision: Revision; readonly rows: ReadonlyMap<string, Revision>; readonly at: number }[];
}

interface OpenWatch {
  readonly watch: StoreWatch;
  readonly store: Store;
  readonly resource: string;
  readonly place: Place;
  cursor: Revision;
}

test('RL-2 KA-82 KA-87 two stores agree with a simple model about every watch and list', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 80, size: 'max' }), async (commands) => {
      await using fixture = storeFixture();
      await runCommands(fixture, commands);
    }),
    atLeast(150),
  );
});

async function runCommands(fixture: StoreFixture, commands: readonly Command[]): Promise<void> {
  const { clock } = fixture;
  const stores = [await fixture.start(), await fixture.start()] as [Store, Store];
  await stores[0].fresh();
  const model: Model = {
    events: [],
    bodies: new Map(),
    states: [{ revision: stores[1].revision, rows: new Map(), at: clock.monotonic() }],
  };
  const watches: OpenWatch[] = [];
  const stateBack = (steps: number) => model.states[Math.max(0, model.states.length - 1 - steps)] ?? fail('no state');
  for (const current of commands) {
    switch (current.do) {
      case 'put':
      case 'delete':
        await write(stores[current.on] ?? stores[0], model, current, clock.monotonic());
        break;
      case 'watch': {
        const store = stores[current.on] ?? stores[0];
        await store.fresh();
        const { revision, at } = stateBack(current.back);
        const { resource, place } = current;
        const watch = attempt(() => store.watch({ resource, ...place, after: revision }), clock.monotonic() - at);
        if (watch) watches.push({ watch, store, resource, place, cursor: revision });
        break;
      }
      case 'read':
        await read(watches[current.watch], model, clock.monotonic());
        break;
      case 'list':
        await list(stores[current.on] ?? stores[0], model, stateBack(current.back), {
          ...current,
          now: clock.monotonic(),
        });
        break;
      case 'restart':
        await stores[1][Symbol.asyncDispose]();
        stores[1] = await fixture.start();
        break;
      case 'pass':
        await clock.advance(current.minutes * minute);
        break;
    }
  }
  for (const store of stores) await store.fresh();
  for (const open of watches) await read(open, model, clock.monotonic());
}

async function write(
  store: Store,
  model: Model,
  current: { do: 'put' | 'delete'; path: string; resource: string },
  at: number,
) {
  const key = keyOf(current.path, current.resource);
  const rows = new Map(model.states.at(-1)?.rows);
  const id = `${current.resource} ${current.path}`;
  const previous = rows.get(id);
  if (current.do === 'delete' && previous === undefined) return;
  const object = written(model.states.length);
  const revision =
    current.do === 'put' ? await put(store, key, object, previous ?? 'absent') : await remove(store, key, object);
  model.bodies.set(revision, objectBody({ metadata: { name: key.name }, ...object }));
  if (current.do === 'put') rows.set(id, revision);
  else rows.delete(id);
  model.states.push({ revision, rows, at });
  const line = `${current.do} ${current.path}@${revision} was ${previous ?? 'absent'}`;
  model.events.push({ line, revision, resource: key.resource, namespace: key.namespace, name: key.name, at });
}

/** Much of it is what was written before, so that history holds what differs; every seventh write is of its own. */
function written(write: number): JsonObject {
  const text = write % 7 === 0 ? `${write} of its own, ` : 'as before, ';
  return { text: text.repeat(20), write };
}

/** Says what it should, however it is held. */
function expectBodies(model: Model, entries: readonly (Entry | undefined)[]): void {
  for (const entry of entries) {
    if (entry !== undefined) expect(entry.body.toString()).toBe(model.bodies.get(entry.revision));
  }
}

/** History may be forgotten once it is five minutes old; before that a refusal is wrong. */
function attempt<T>(call: () => T, age: number): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof CompactedError) || age < 5 * minute) throw error;
    return undefined;
  }
}

async function read(open: OpenWatch | undefined, model: Model, now: number): Promise<void> {
  if (open === undefined) return;
  const expected = model.events.filter(
    (event) => event.revision > open.cursor && event.resource === open.resource && isAt(open.place, event),
  );
  if (expected.length === 0) return;
  let lines: string[];
  try {
    const events = await open.watch.next(minute);
    expectBodies(
      model,
      events.flatMap(({ entry, previous }) => [entry, previous]),
    );
    lines = events.map(told);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    const oldest = now - (expected[0]?.at ?? now);
    expect({ closed: !open.store.ready, old: oldest >= 5 * minute }).not.toEqual({ closed: false, old: false });
    open.cursor = Number.POSITIVE_INFINITY;
    return;
  }
  // Another process's commits may arrive a moment later: what came is a beginning of what has to come.
  expect(lines).toEqual(expected.slice(0, lines.length).map((event) => event.line));
  open.cursor = expected[lines.length - 1]?.revision ?? open.cursor;
}

async function list(
  store: Store,
  model: Model,
  state: Model['states'][number],
  { resource, place, limit, now }: { resource: string; place: Place; limit: number; now: number },
): Promise<void> {
  await store.fresh();
  const expected = [...state.rows]
    .filter(([id]) => id.startsWith(`${resource} `) && isAt(place, keyOf(id.slice(resource.length + 1), resource)))
    .map(([id, revision]) => `${id.split(' ')[1]}@${revision}`)
    .sort();
  const found: string[] = [];
  for (let after: { namespace: string; name: string } | undefined; ; ) {
    const page = attempt(
      () => store.list({ resource, ...place, limit, revision: state.revision, ...(after && { after }) }),
      now - state.at,
    );
    if (page === undefined) return;
    expectBodies(model, page.entries);
    found.push(...page.entries.map(({ key, revision }) => `${key.namespace}/${key.name}@${revision}`));
    expect(page.remaining).toBe(expected.length - found.length);
    if (!page.more) break;
    after = page.entries.at(-1)?.key;
  }
  expect(found).toEqual(expected);
}

const isAt = (place: Place, { namespace, name }: { readonly namespace: string; readonly name: string }): boolean =>
  (place.namespace === '' || namespace === place.namespace) && (place.name === undefined || name === place.name);

function fail(message: string): never {
  throw new Error(message);
}
