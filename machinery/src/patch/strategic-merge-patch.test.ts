import { describe, expect, test } from 'vitest';
import { withObjectFrame } from '../schema/object-meta.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import { cloneValue, type JsonObject, type JsonValue } from '../wire/value.ts';
import { PatchError } from './patch-error.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const text: StructuralSchema = { type: 'string' };
const struct = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });
const merging = (items: StructuralSchema, key?: string, strategy = 'merge'): StructuralSchema => ({
  type: 'array',
  items,
  'x-kubernetes-patch-strategy': strategy,
  ...(key === undefined ? {} : { 'x-kubernetes-patch-merge-key': key }),
});

const port = struct({ containerPort: { type: 'integer' }, protocol: text, name: text });
const container = struct({
  name: text,
  image: text,
  args: { type: 'array', items: text },
  ports: merging(port, 'containerPort'),
});
const schema = withObjectFrame(
  struct({
    spec: struct({
      containers: merging(container, 'name'),
      volumes: merging(struct({ name: text, emptyDir: struct({}), secret: struct({}) }), 'name', 'merge,retainKeys'),
      rules: { type: 'array', items: struct({ verbs: { type: 'array', items: text } }) },
      strategy: { ...struct({ type: text, rolling: struct({}) }), 'x-kubernetes-patch-strategy': 'retainKeys' },
      selector: { ...struct({ a: text, b: text }), 'x-kubernetes-patch-strategy': 'replace' },
      tags: merging(text),
      counts: merging({ type: 'integer' }),
      nested: merging({ type: 'array', items: text }),
      labels: { type: 'object', additionalProperties: text },
      pools: { type: 'object', additionalProperties: struct({ members: merging(struct({ id: text }), 'id') }) },
      lost: merging(struct({ id: text })),
    }),
  }),
);

interface Row {
  name: string;
  live: JsonObject;
  patch: JsonObject;
  result: JsonObject;
}

const web = { name: 'web', image: 'nginx:1', ports: [{ containerPort: 80, protocol: 'TCP' }] };
const side = { name: 'side', image: 'side:1' };

function patchSpec(live: JsonObject, patch: JsonObject): JsonValue {
  return (applyStrategicMergePatch({ spec: live }, { spec: patch }, schema) as JsonObject).spec ?? null;
}

function expectRow({ live, patch, result }: Row): void {
  const [before, asked] = [cloneValue(live), cloneValue(patch)];
  expect(patchSpec(live, patch)).toEqual(result);
  expect([live, patch]).toEqual([before, asked]);
}

describe('maps', () => {
  const rows: Row[] = [
    {
      name: 'KA-69 merge, and null deletes',
      live: { labels: { a: '1', b: '2' } },
      patch: { labels: { a: null, c: '3' } },
      result: { labels: { b: '2', c: '3' } },
    },
    {
      name: 'KA-69 that are new come without nulls and directives',
      live: {},
      patch: { labels: { a: null, b: '1' }, pools: { x: { members: [{ $patch: 'delete', id: 'q' }, { id: 'p' }] } } },
      result: { labels: { b: '1' }, pools: { x: { members: [{ id: 'p' }] } } },
    },
    {
      name: 'KA-69 in free maps merge by the schema of their entries',
      live: { pools: { x: { members: [{ id: 'a' }] } } },
      patch: { pools: { x: { members: [{ id: 'b' }] } } },
      result: { pools: { x: { members: [{ id: 'b' }, { id: 'a' }] } } },
    },
    {
      name: 'KA-69 are replaced by $patch: replace',
      live: { labels: { a: '1', b: '2' } },
      patch: { labels: { $patch: 'replace', c: '3' } },
      result: { labels: { c: '3' } },
    },
    {
      name: 'KA-69 are emptied by $patch: delete',
      live: { labels: { a: '1' }, tags: ['x'] },
      patch: { labels: { $patch: 'delete', c: '3' } },
      result: { labels: {}, tags: ['x'] },
    },
    {
      name: 'KA-69 merge with $patch: merge as well',
      live: { labels: { a: '1' } },
      patch: { labels: { $patch: 'merge', b: '2' } },
      result: { labels: { a: '1', b: '2' } },
    },
    {
      name: 'KA-69 with replace strategy are replaced',
      live: { selector: { a: '1', b: '2' } },
      patch: { selector: { a: '3' } },
      result: { selector: { a: '3' } },
    },
    {
      name: 'KA-69 keep only what $retainKeys names',
      live: { strategy: { type: 'Rolling', rolling: { x: 1 } } },
      patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      result: { strategy: { type: 'Recreate' } },
    },
    {
      name: 'KA-69 with retainKeys strategy merge when the patch does not say so',
      live: { strategy: { type: 'Rolling', rolling: { x: 1 } } },
      patch: { strategy: { type: 'Recreate' } },
      result: { strategy: { type: 'Recreate', rolling: { x: 1 } } },
    },
    {
      name: 'KA-69 take the place of what is no map, and give theirs to it',
      live: { labels: 'x', strategy: { type: 'y' } },
      patch: { labels: { a: '1', b: null }, strategy: 'z' },
      result: { labels: { a: '1' }, strategy: 'z' },
    },
  ];
  test.each(rows)('$name', expectRow);
});

describe('lists', () => {
  const rows: Row[] = [
    {
      name: 'KA-69 without strategy are replaced',
      live: { rules: [{ verbs: ['get'] }], containers: [{ ...web, args: ['-a'] }] },
      patch: { rules: [{ verbs: ['list'] }], containers: [{ name: 'web', args: [] }] },
      result: { rules: [{ verbs: ['list'] }], containers: [{ ...web, args: [] }] },
    },
    {
      name: 'KA-69 of maps merge by their key, new items first',
      live: { containers: [web, side] },
      patch: { containers: [{ name: 'side', image: 'side:2' }, { name: 'new' }] },
      result: { containers: [web, { name: 'side', image: 'side:2' }, { name: 'new' }] },
    },
    {
      name: 'KA-69 merge at any depth',
      live: { containers: [web] },
      patch: { containers: [{ name: 'web', ports: [{ containerPort: 443 }, { containerPort: 80, name: 'http' }] }] },
      result: {
        containers: [{ ...web, ports: [{ containerPort: 443 }, { containerPort: 80, protocol: 'TCP', name: 'http' }] }],
      },
    },
    {
      name: 'KA-69 merge with the first of equal keys',
      live: {
        containers: [
          {
            name: 'web',
            ports: [
              { containerPort: 53, protocol: 'TCP' },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
        ],
      },
      patch: { containers: [{ name: 'web', ports: [{ containerPort: 53, name: 'dns' }] }] },
      result: {
        containers: [
          {
            name: 'web',
            ports: [
              { containerPort: 53, protocol: 'TCP', name: 'dns' },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
        ],
      },
    },
    {
      name: 'KA-69 lose an item by $patch: delete',
      live: { containers: [web, side] },
      patch: {
        containers: [
          { name: 'web', $patch: 'delete' },
          { name: 'gone', $patch: 'delete' },
        ],
      },
      result: { containers: [side] },
    },
    {
      name: 'KA-69 are replaced where an item says $patch: replace',
      live: { containers: [web, side] },
      patch: { containers: [{ $patch: 'replace' }, { name: 'new', image: null }] },
      result: { containers: [{ name: 'new' }] },
    },
    {
      name: 'KA-69 merge an item that says $patch: merge',
      live: { containers: [web] },
      patch: { containers: [{ name: 'web', $patch: 'merge', image: 'nginx:2' }] },
      result: { containers: [{ ...web, image: 'nginx:2' }] },
    },
    {
      name: 'KA-69 keep of an item what $retainKeys names',
      live: { volumes: [{ name: 'v', emptyDir: {} }] },
      patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'secret'], secret: { a: 1 } }] },
      result: { volumes: [{ name: 'v', secret: { a: 1 } }] },
    },
    {
      name: 'KA-69 of scalars are sets',
      live: { tags: ['a', 'b'], counts: [1, 2] },
      patch: { tags: ['b', 'c'], counts: [3] },
      result: { tags: ['a', 'b', 'c'], counts: [3, 1, 2] },
    },
    {
      name: 'KA-69 of scalars lose what is deleted from them',
      live: { tags: ['a', 'b', 'c'], counts: [1, 2] },
      patch: {
        '$deleteFromPrimitiveList/tags': ['b', 'x'],
        '$deleteFromPrimitiveList/counts': [1n],
        '$deleteFromPrimitiveList/none': ['y'],
      },
      result: { tags: ['a', 'c'], counts: [2] },
    },
    {
      name: 'KA-69 of scalars gain and lose at once',
      live: { tags: ['a', 'b'] },
      patch: { tags: ['c'], '$deleteFromPrimitiveList/tags': ['a'] },
      result: { tags: ['c', 'b'] },
    },
    {
      name: 'KA-69 take the order of $setElementOrder, others keep their neighbours',
      live: { containers: [{ name: '1' }, { name: '2' }, { name: '3' }, { name: '4' }] },
      patch: {
        '$setElementOrder/containers': [{ name: '4' }, { name: 'new' }, { name: '1' }],
        containers: [{ name: 'new' }],
      },
      result: { containers: [{ name: '2' }, { name: '3' }, { name: '4' }, { name: 'new' }, { name: '1' }] },
    },
    {
      name: 'KA-69 take an order without any other change',
      live: { tags: ['a', 'b', 'c'] },
      patch: { '$setElementOrder/tags': ['c', 'a'] },
      result: { tags: ['b', 'c', 'a'] },
    },
    {
      name: 'KA-69 that are new take the order too',
      live: {},
      patch: {
        '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
        containers: [{ name: 'a', image: null }, { name: 'b' }],
      },
      result: { containers: [{ name: 'a' }, { name: 'b' }] },
    },
    {
      name: 'KA-69 that are not there have no order',
      live: {},
      patch: { '$setElementOrder/containers': [{ name: 'a' }] },
      result: {},
    },
    {
      name: 'KA-69 may be ordered and lose an item',
      live: { containers: [web, side] },
      patch: { '$setElementOrder/containers': [{ name: 'side' }], containers: [{ name: 'web', $patch: 'delete' }] },
      result: { containers: [side] },
    },
    {
      name: 'KA-69 may be empty on both sides',
      live: { containers: [], tags: [] },
      patch: { containers: [], tags: [], '$setElementOrder/tags': [] },
      result: { containers: [], tags: [] },
    },
    {
      name: 'KA-69 go when null',
      live: { containers: [web], tags: ['a'] },
      patch: { containers: null },
      result: { tags: ['a'] },
    },
  ];
  test.each(rows)('$name', expectRow);

  test('KA-69 the metadata of every object: owners by uid, finalizers as a set', () => {
    const live = { metadata: { ownerReferences: [{ uid: '1', name: 'a' }], finalizers: ['x'] } };
    const patch = { metadata: { ownerReferences: [{ uid: '2' }, { uid: '1', controller: true }], finalizers: ['y'] } };
    expect(applyStrategicMergePatch(live, patch, schema)).toEqual({
      metadata: { ownerReferences: [{ uid: '2' }, { uid: '1', name: 'a', controller: true }], finalizers: ['y', 'x'] },
    });
  });

  test('KA-69 a whole object may be replaced', () => {
    expect(applyStrategicMergePatch({ kind: 'X', spec: {} }, { $patch: 'replace', kind: 'Y' }, schema)).toEqual({
      kind: 'Y',
    });
  });

  test('BI-5 __proto__ is a field like any other', () => {
    const live = JSON.parse('{"spec":{"labels":{"__proto__":"a"}}}') as JsonObject;
    const patch = JSON.parse('{"spec":{"labels":{"__proto__":"b","constructor":"c"}}}') as JsonObject;
    expect(JSON.stringify(applyStrategicMergePatch(live, patch, schema))).toBe(
      '{"spec":{"labels":{"__proto__":"b","constructor":"c"}}}',
    );
  });
});

describe('patches that are refused', () => {
  const rows: { name: string; live?: JsonObject; patch: JsonObject; kind: PatchError['kind']; message: string }[] = [
    {
      name: 'KA-69 a directive that does not exist',
      patch: { labels: { $patch: 'drop' } },
      live: { labels: {} },
      kind: 'invalid',
      message: 'spec.labels: there is no patch directive "drop"',
    },
    {
      name: 'KA-69 a directive that is no text',
      patch: { containers: [{ $patch: 1 }] },
      live: { containers: [web] },
      kind: 'invalid',
      message: 'spec.containers: there is no patch directive "1"',
    },
    {
      name: 'KA-69 an item without its key',
      patch: { containers: [{ image: 'x' }] },
      live: { containers: [web] },
      kind: 'invalid',
      message: 'spec.containers: an item lacks the merge key name',
    },
    {
      name: 'KA-69 a live item without its key',
      patch: { containers: [{ name: 'x' }] },
      live: { containers: [{ image: 'y' }] },
      kind: 'invalid',
      message: 'spec.containers: an item lacks the merge key name',
    },
    {
      name: 'KA-69 a delete without a key',
      patch: { containers: [{ $patch: 'delete' }] },
      live: { containers: [web] },
      kind: 'invalid',
      message: 'spec.containers: an item lacks the merge key name',
    },
    {
      name: 'KA-69 items of two types',
      patch: { containers: ['web'] },
      live: { containers: [web] },
      kind: 'invalid',
      message: 'spec.containers: the items of the list and of the patch must be of the same type',
    },
    {
      name: 'KA-69 lists of lists',
      patch: { nested: [['a']] },
      live: { nested: [['b']] },
      kind: 'invalid',
      message: 'spec.nested: lists of lists cannot be merged',
    },
    {
      name: 'KA-69 maps without a merge key',
      patch: { lost: [{ id: 'a' }] },
      live: { lost: [{ id: 'b' }] },
      kind: 'invalid',
      message: 'spec.lost: a list of objects without a merge key cannot be merged',
    },
    {
      name: 'KA-69 $retainKeys that is no list',
      patch: { strategy: { $retainKeys: 'type' } },
      live: { strategy: {} },
      kind: 'malformed',
      message: 'spec.strategy: $retainKeys must be a list of field names',
    },
    {
      name: 'KA-69 a field that $retainKeys forgets',
      patch: { strategy: { $retainKeys: ['type'], rolling: {} } },
      live: { strategy: {} },
      kind: 'malformed',
      message: 'spec.strategy: the patch sets rolling, which is not in its $retainKeys',
    },
    {
      name: 'KA-69 a deletion that is no list',
      patch: { '$deleteFromPrimitiveList/tags': 'a' },
      kind: 'malformed',
      message: 'spec: $deleteFromPrimitiveList/tags must be a list',
    },
    {
      name: 'KA-69 a deletion from nothing',
      patch: { $deleteFromPrimitiveList: ['a'] },
      kind: 'malformed',
      message: 'spec: $deleteFromPrimitiveList must name a field: $deleteFromPrimitiveList/FIELD',
    },
    {
      name: 'KA-69 an order of nothing',
      patch: { '$setElementOrder/': ['a'] },
      kind: 'malformed',
      message: 'spec: $setElementOrder/ must name a field: $setElementOrder/FIELD',
    },
    {
      name: 'KA-69 an order that is no list',
      patch: { '$setElementOrder/tags': 'a' },
      kind: 'malformed',
      message: 'spec: $setElementOrder/tags must be a list, because its order is set',
    },
    {
      name: 'KA-69 an order of what is no list',
      patch: { '$setElementOrder/labels': ['a'] },
      live: { labels: {} },
      kind: 'malformed',
      message: 'spec: labels must be a list, because its order is set',
    },
    {
      name: 'KA-69 a patch in another order than it asks for',
      patch: { '$setElementOrder/tags': ['a', 'b'], tags: ['b', 'a'] },
      kind: 'invalid',
      message: 'spec.tags: the items of the patch are not in the order of $setElementOrder',
    },
    {
      name: 'KA-69 an item that is not in the order',
      patch: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] },
      kind: 'invalid',
      message: 'spec.containers: the items of the patch are not in the order of $setElementOrder',
    },
  ];

  test.each(rows)('$name', ({ live = {}, patch, kind, message }) => {
    expect(() => patchSpec(live, patch)).toThrow(expect.objectContaining({ name: 'PatchError', kind, message }));
  });

  test.each([null, [], 'x'])('KA-69 %j is no strategic merge patch', (patch) => {
    expect(() => applyStrategicMergePatch({}, patch, schema)).toThrow(
      new PatchError('malformed', 'a strategic merge patch must be a JSON object'),
    );
  });
});
