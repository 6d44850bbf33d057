import { type JsonObject, silentLogger } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectBody } from './body.ts';
import { type CachedEntry, createEntryFactory, indexMetadata } from './entry.ts';

const key = { resource: 'secrets', namespace: 'default', name: 'x' };

test('KA-81 an entry knows uid, labels, owners and fields, and holds the body as bytes', () => {
  const factory = createEntryFactory(silentLogger);
  factory.setIndexer('secrets', (object) => ({ fields: { type: String(object.type) } }));
  const body = objectBody({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'x',
      resourceVersion: '3',
      uid: 'u1',
      labels: { app: 'ü' },
      ownerReferences: [{ uid: 'o1' }, { uid: 'o2' }],
    },
    type: 'Opaque',
  });
  const entry = factory.create({ key, revision: 7, body });
  expect({ ...entry, body: entry.body }).toEqual({
    key,
    revision: 7,
    index: { uid: 'u1', labels: { app: 'ü' }, ownerUids: ['o1', 'o2'], fields: { type: 'Opaque' } },
    body: Buffer.from(body),
    isStale: false,
    sort: 'default/x',
  });
});

/** States of one object in their order, each with another number, and with much that stays as it is. */
function states(count: number): CachedEntry[] {
  const factory = createEntryFactory(silentLogger);
  const entries: CachedEntry[] = [];
  for (let revision = 1; revision <= count; revision++) {
    const metadata = { name: 'x', uid: 'u1', labels: { app: 'one' }, ownerReferences: [{ uid: 'o1' }] };
    const body = objectBody({ metadata, data: { number: revision, text: 'the same as before, '.repeat(20) } });
    entries.push(factory.create({ key, revision, body }, { neighbour: entries.at(-1) }));
  }
  return entries;
}

test('KA-82 of the past states of an object one in sixteen is held whole, and each is read as it was', () => {
  const entries = states(100);
  const whole = entries.map(({ body }) => body);
  for (const [at, entry] of entries.entries()) entries[at - 1]?.becomePast(entry);
  const present = entries.length - 1;
  const held = entries.map(({ heldBytes }, at) => heldBytes === whole[at]?.length);
  expect(held.flatMap((isWhole, at) => (isWhole ? [at] : []))).toEqual([15, 31, 47, 63, 79, 95, present]);
  const others = entries.filter((_, at) => held[at] === false).map(({ heldBytes }) => heldBytes);
  expect(Math.max(...others)).toBeLessThan(64);
  expect(entries.map(({ body }) => body)).toEqual(whole);
});

test('KA-82 a state that has little in common with the one that replaced it stays whole', () => {
  const [a, b] = states(2);
  const factory = createEntryFactory(silentLogger);
  const other = factory.create({ key, revision: 3, body: `,"name":"x"},"data":"${'y'.repeat(900)}"}` });
  const whole = [a?.heldBytes, b?.heldBytes];
  a?.becomePast(b ?? other);
  b?.becomePast(other);
  expect([(a?.heldBytes ?? 0) < 64, b?.heldBytes]).toEqual([true, whole[1]]);
  expect(a?.body.length).toBe(whole[0]);
});

test('KA-81 states of one object share key, order and index while these stay the same', () => {
  const [a, b] = states(2);
  const factory = createEntryFactory(silentLogger);
  const relabelled = objectBody({ metadata: { name: 'x', uid: 'u1', labels: { app: 'two' } } });
  const c = factory.create({ key, revision: 3, body: relabelled }, { neighbour: b });
  expect([b?.key === a?.key, b?.index === a?.index, c.key === a?.key]).toEqual([true, true, true]);
  expect(c.index).toEqual({ uid: 'u1', labels: { app: 'two' }, ownerUids: [], fields: {} });
});

test('KA-81 an object without labels, owners and indexer has an empty index', () => {
  const body = objectBody({ metadata: { name: 'x' } });
  expect(createEntryFactory(silentLogger).create({ key, revision: 1, body }).index).toEqual({
    uid: '',
    labels: {},
    ownerUids: [],
    fields: {},
  });
});

test('KA-81 a later indexer replaces the fields', () => {
  const factory = createEntryFactory(silentLogger);
  const entry = factory.create({ key, revision: 1, body: objectBody({ metadata: { name: 'x' }, spec: { a: 'one' } }) });
  factory.setIndexer('secrets', (object) => ({ fields: { 'spec.a': String((object.spec as JsonObject).a) } }));
  factory.reindex(entry);
  expect(entry.index.fields).toEqual({ 'spec.a': 'one' });
});

test('KA-41 a stored object that cannot be read is served without an index, and reported', () => {
  const logger = testLogger();
  const entry = createEntryFactory(logger).create({ key, revision: 1, body: ',"name":"x' });
  expect(entry.index).toEqual({ uid: '', labels: {}, ownerUids: [], fields: {} });
  expect(entry.body.toString()).toBe(',"name":"x');
  expect(logger.messages('error')).toEqual(['stored object cannot be indexed']);
});

test('KA-81 the index of any metadata is that of the decoded object', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', 'ü', '😀', '\n'), maxLength: 12 });
  const rest = fc.jsonValue({ maxDepth: 3 }).map((value) => ({ data: value }) as JsonObject);
  fc.assert(
    fc.property(fc.dictionary(text, text), text, fc.array(text), rest, (labels, uid, owners, others) => {
      const metadata = {
        name: 'x',
        annotations: labels,
        uid,
        labels,
        ownerReferences: owners.map((owner) => ({ uid: owner })),
      };
      expect(indexMetadata(objectBody({ metadata, ...others }))).toEqual({ uid, labels, ownerUids: owners });
    }),
  );
});
