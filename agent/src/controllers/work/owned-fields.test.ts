import type { KubeObject, Stored } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { stored } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import { additionsOf, driftOf } from './drift.ts';
import { appliedBy, holdersOf, lostFields, pathText, withoutFields } from './owned-fields.ts';

const wanted: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [{ name: 'app', image: 'a:1', ports: [{ containerPort: 80 }], args: ['x'] }],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
};
const container = {
  '.': {},
  'f:name': {},
  'f:image': {},
  'f:args': {},
  'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
};
const owned = (containers: JsonObject = { 'k:{"name":"app"}': container }): JsonObject => ({
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:template': {
      'f:spec': {
        'f:containers': containers,
        'f:volumes': { 'k:{"name":"tmp"}': { '.': {}, 'f:name': {}, 'f:emptyDir': {} } },
      },
    },
  },
});
const lost = (fields: JsonObject, of: JsonObject = wanted) => lostFields(of, fields).map(({ path }) => pathText(path));

describe('lostFields', () => {
  test.each<{ name: string; fields: JsonObject; want: string[] }>([
    { name: 'DL-20 what we own is not lost, keys that the server filled in included', fields: owned(), want: [] },
    {
      name: 'DL-21 a scalar that somebody changed',
      fields: { ...owned(), 'f:spec': { ...(owned()['f:spec'] as JsonObject), 'f:replicas': 0 as never } },
      want: ['.spec.replicas'],
    },
    {
      name: 'DL-21 a field of a list item, by the keys of the item',
      fields: owned({
        'k:{"name":"app"}': Object.fromEntries(Object.entries(container).filter(([key]) => key !== 'f:image')),
      }),
      want: ['.spec.template.spec.containers[name="app"].image'],
    },
    {
      name: 'DL-21 a whole item',
      fields: owned({ 'k:{"name":"other"}': { 'f:name': {} } }),
      want: ['name', 'image', 'ports', 'args'].map((part) => `.spec.template.spec.containers[name="app"].${part}`),
    },
    {
      name: 'DL-21 all of it, after managedFields were emptied',
      fields: {},
      want: ['.metadata.labels.app', '.spec.replicas', '.spec.template.spec.containers', '.spec.template.spec.volumes'],
    },
  ])('$name', ({ fields, want }) => {
    expect(lost(fields)).toEqual(want);
  });

  test('DL-20 items of a set are told by their value', () => {
    const object = { metadata: { finalizers: ['a/b', 'c/d'] } };
    expect(lost({ 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a/b"': {} } } }, object)).toEqual([
      '.metadata.finalizers[="c/d"]',
    ]);
  });

  test('DL-20 a list that is owned as a whole, an empty map, null, and a key of the prototype', () => {
    const object = { spec: { list: [{ name: 'a' }], empty: {}, nothing: null, constructor: { a: 1 } } };
    expect(lost({ 'f:spec': { 'f:list': {}, 'f:empty': {} } }, object)).toEqual(['.spec.constructor.a']);
  });

  test('DL-21 there is a limit', () => {
    const data = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']));
    expect(lostFields({ data }, {}, 10)).toHaveLength(10);
  });
});

const managed = (...managedFields: JsonObject[]) => ({ managedFields }) as unknown as KubeObject['metadata'];
const entry = (manager: string, fieldsV1: JsonObject, operation = 'Update', subresource?: string): JsonObject => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const live = (over: JsonObject, metadata: KubeObject['metadata'] = {}): Stored<KubeObject> =>
  stored({ apiVersion: 'v1', kind: 'ConfigMap', ...over, metadata: { name: 'a', namespace: 'b', ...metadata } });

describe('driftOf', () => {
  const content = { data: { a: '1', b: '2', c: '3' } };
  const object = live(
    { data: { a: 'x', b: '2' } },
    managed(entry('kubectl-edit', { 'f:data': { 'f:a': {}, 'f:b': {} } })),
  );

  test('DL-21 wanted and seen values, and who changed them; a value that is ours by chance is none', () => {
    expect(driftOf(object, lostFields(content, {}), 'us')).toEqual([
      { path: '.data.a', wanted: '"1"', seen: '"x"', manager: 'kubectl-edit' },
      { path: '.data.c', wanted: '"3"' },
    ]);
  });

  test('DL-31, SEC-12a data of a Secret is not shown', () => {
    const secret = { ...object, kind: 'Secret' };
    expect(driftOf(secret, lostFields({ data: { a: 'bXk=' } }, {}), 'us')).toEqual([
      { path: '.data.a', wanted: '"(redacted)"', seen: '"(redacted)"', manager: 'kubectl-edit' },
    ]);
  });

  test('DL-21 long values are shortened', () => {
    const [field] = driftOf(live({ data: {} }), lostFields({ data: { a: 'x'.repeat(1000) } }, {}), 'us');
    expect(field?.wanted).toHaveLength(256);
  });

  test('DL-21 full comparison tells what others added, and nothing of status or the system', () => {
    const others = live(
      { data: { a: '1', z: '9' }, status: { x: 1 } },
      {
        ...managed(
          entry('us', { 'f:data': { 'f:a': {} } }, 'Apply'),
          entry('kubectl-edit', {
            'f:data': { 'f:a': {}, 'f:z': {} },
            'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } },
          }),
          entry('controller', { 'f:status': { 'f:x': {} } }),
        ),
        finalizers: ['x/y'],
      },
    );
    expect(additionsOf(others, 'us')).toEqual([{ path: '.data.z', seen: '"9"', manager: 'kubectl-edit' }]);
  });
});

test('DL-21 the holder of a field, with its subresource', () => {
  const object = live({}, managed(entry('kubectl', { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')));
  expect(holdersOf(object, [{ field: 'spec' }, { field: 'replicas' }], 'us')).toEqual(['kubectl (scale)']);
  expect(holdersOf(object, [{ field: 'spec' }, { field: 'paused' }], 'us')).toEqual([]);
});

test('DL-20, DL-21 who holds only the map itself holds nothing in it', () => {
  const path = [{ field: 'data' }, { field: 'a' }];
  const object = live(
    { data: { a: '2' } },
    managed(
      entry('kubectl-client-side-apply', { 'f:data': { '.': {} } }),
      entry('kubectl-patch', { 'f:data': { 'f:a': {} } }),
    ),
  );
  expect(holdersOf(object, path, 'us')).toEqual(['kubectl-patch']);
  const emptied = live(
    { data: { a: '2' } },
    managed(entry('kubectl-client-side-apply', { 'f:data': {} }), entry('kubectl-patch', { 'f:data': { 'f:a': {} } })),
  );
  expect(holdersOf(emptied, path, 'us')).toEqual(['kubectl-patch', 'kubectl-client-side-apply']);
  expect(lostFields({ data: { a: '1' } }, { 'f:data': { '.': {} } })).toEqual([{ path, wanted: '1' }]);
  expect(lostFields({ data: {} }, { 'f:data': { '.': {} } })).toEqual([]);
});

test('DL-20 what a manager holds by apply, not by update', () => {
  const object = live({}, managed(entry('us', { 'f:a': {} }), entry('us', { 'f:b': {} }, 'Apply')));
  expect([appliedBy(object, 'us'), appliedBy(object, 'others')]).toEqual([{ 'f:b': {} }, {}]);
});

describe('withoutFields', () => {
  test.each<{ name: string; fields: JsonObject; taken: JsonObject; want: JsonObject | undefined }>([
    {
      name: 'DL-4 what is taken goes, the rest stays',
      fields: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } },
      taken: { 'f:data': { 'f:a': {} } },
      want: { 'f:data': { '.': {}, 'f:b': {} } },
    },
    {
      name: 'DL-4 nothing is left',
      fields: { 'f:data': { '.': {}, 'f:a': {} } },
      taken: { 'f:data': { 'f:a': {} } },
      want: undefined,
    },
    { name: 'DL-4 nothing is taken', fields: { 'f:x': {} }, taken: {}, want: { 'f:x': {} } },
    {
      name: 'DL-4 a part of what is taken as a whole',
      fields: { 'f:x': { 'f:y': {} } },
      taken: { 'f:x': {} },
      want: undefined,
    },
  ])('$name', ({ fields, taken, want }) => {
    expect(withoutFields(fields, taken)).toEqual(want);
  });
});
