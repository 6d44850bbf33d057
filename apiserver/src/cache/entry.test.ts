import { type JsonObject, silentLogger } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectBody } from './body.ts';
import { createEntryFactory, indexMetadata } from './entry.ts';

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
  expect(factory.create({ key, revision: 7, body })).toEqual({
    key,
    revision: 7,
    index: { uid: 'u1', labels: { app: 'ü' }, ownerUids: ['o1', 'o2'], fields: { type: 'Opaque' } },
    body: Buffer.from(body),
    isStale: false,
    sort: 'default/x',
  });
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
