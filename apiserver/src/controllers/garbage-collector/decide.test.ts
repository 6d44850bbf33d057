import type { OwnerReference } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { Collectable } from './collectable.ts';
import { decide, type OwnerState, type SeenOwner } from './decide.ts';

const reference = (uid: string, blockOwnerDeletion?: boolean): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: uid,
  uid,
  ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
});
const object = (uid: string, more: Partial<Collectable> = {}): Collectable => ({
  key: { resource: 'configmaps', namespace: 'n', name: uid },
  uid,
  resourceVersion: '1',
  owners: [],
  finalizers: [],
  isDeleting: false,
  ...more,
});
const owner = (uid: string, state: OwnerState, block?: boolean): SeenOwner => ({
  reference: reference(uid, block),
  state,
});
const nothing = { steps: [], examine: [], isUncertain: false };

describe('KA-113 objects that are not being deleted', () => {
  const self = object('x');
  test.each([
    { name: 'KA-113 without owners stays', owners: [], want: nothing },
    { name: 'KA-113 with a live owner stays', owners: [owner('a', 'live')], want: nothing },
    {
      name: 'KA-113 with all owners absent goes',
      owners: [owner('a', 'absent'), owner('b', 'absent')],
      want: { ...nothing, steps: [{ type: 'delete', object: self, policy: 'Background' }] },
    },
    {
      name: 'KA-113 with one owner left forgets the others',
      owners: [owner('a', 'absent'), owner('b', 'live'), owner('c', 'waiting')],
      want: { ...nothing, steps: [{ type: 'setOwners', object: self, owners: [reference('b')] }] },
    },
    {
      name: 'KA-113 with an owner of a kind that is not served waits, whatever the others are',
      owners: [owner('a', 'absent'), owner('b', 'unknown')],
      want: { ...nothing, isUncertain: true },
    },
    {
      name: 'KA-113 cluster-scoped with a namespaced owner stays, whatever the others are',
      owners: [owner('a', 'absent'), owner('b', 'unresolvable')],
      want: nothing,
    },
    {
      name: 'KA-114 whose owner waits for it goes',
      owners: [owner('a', 'waiting', true)],
      want: { ...nothing, steps: [{ type: 'delete', object: self, policy: 'Background' }] },
    },
  ])('$name', ({ owners, want }) => {
    expect(decide({ object: self, owners, dependents: [] })).toEqual(want);
  });

  test('KA-58 its own finalizers say how its dependents fare', () => {
    const owners = [owner('a', 'absent')];
    for (const [finalizer, policy] of [
      ['orphan', 'Orphan'],
      ['foregroundDeletion', 'Foreground'],
    ] as const) {
      const held = object('x', { finalizers: [finalizer] });
      expect(decide({ object: held, owners, dependents: [] })).toEqual({
        ...nothing,
        steps: [{ type: 'delete', object: held, policy }],
      });
    }
  });

  test('KA-58 KA-113 its own finalizers say so too where it has dependents and all its owners are absent', () => {
    const dependents = [object('y', { owners: [reference('x')] })];
    for (const [finalizers, policy] of [
      [['orphan'], 'Orphan'],
      [[], 'Background'],
    ] as const) {
      const seen = object('x', { finalizers });
      expect(decide({ object: seen, owners: [owner('a', 'absent')], dependents })).toEqual({
        ...nothing,
        steps: [{ type: 'delete', object: seen, policy }],
      });
    }
  });

  test('KA-114 a dependent that leaves for another reason, or only will in the foreground, makes no cycle', () => {
    const owners = [owner('a', 'waiting', true)];
    for (const more of [{ isDeleting: true, finalizers: ['x.io/y'] }, { finalizers: ['foregroundDeletion'] }]) {
      const dependents = [object('y', { owners: [reference('x')], ...more })];
      expect(decide({ object: self, owners, dependents }).steps).toEqual([
        { type: 'delete', object: self, policy: 'Foreground' },
      ]);
    }
  });

  test('KA-114 in a cycle an owner that is gone is let be', () => {
    const dependents = [object('y', { isDeleting: true, finalizers: ['foregroundDeletion'] })];
    const owners = [owner('a', 'waiting', true), owner('b', 'absent', true)];
    expect(decide({ object: self, owners, dependents }).steps).toEqual([
      { type: 'setOwners', object: self, owners: [reference('a', false), reference('b', true)] },
    ]);
  });

  test('KA-114 whose owner waits, and that has dependents, takes those first', () => {
    const dependents = [object('y', { owners: [reference('x', true)] })];
    expect(decide({ object: self, owners: [owner('a', 'waiting', true)], dependents })).toEqual({
      ...nothing,
      steps: [{ type: 'delete', object: self, policy: 'Foreground' }],
    });
  });

  test('KA-114 in a cycle stops blocking its owner, then goes', () => {
    const dependents = [
      object('y', { isDeleting: true, finalizers: ['foregroundDeletion'], owners: [reference('x', true)] }),
    ];
    expect(decide({ object: self, owners: [owner('a', 'waiting', true)], dependents })).toEqual({
      ...nothing,
      steps: [{ type: 'setOwners', object: self, owners: [reference('a', false)] }],
    });
    expect(decide({ object: self, owners: [owner('a', 'waiting', false)], dependents })).toEqual({
      ...nothing,
      steps: [{ type: 'delete', object: self, policy: 'Foreground' }],
    });
  });
});

describe('KA-114 objects that are being deleted', () => {
  const blocking = object('b', { owners: [reference('x', true)] });
  const loose = object('l', { owners: [reference('x')] });
  const leaving = object('d', { owners: [reference('x', true)], isDeleting: true });

  test('KA-114 in the background: nothing is left to do', () => {
    const self = object('x', { isDeleting: true, finalizers: ['example.com/x'] });
    expect(decide({ object: self, owners: [owner('a', 'absent')], dependents: [loose] })).toEqual(nothing);
  });

  test('KA-114 foreground: waits for what blocks it, and has those looked at that are not leaving', () => {
    const self = object('x', { isDeleting: true, finalizers: ['foregroundDeletion'] });
    expect(decide({ object: self, owners: [], dependents: [blocking, loose, leaving] })).toEqual({
      ...nothing,
      examine: [blocking.key, loose.key],
    });
    expect(decide({ object: self, owners: [], dependents: [leaving] })).toEqual(nothing);
  });

  test('KA-114 foreground: goes when nothing blocks it, other finalizers stay', () => {
    const self = object('x', { isDeleting: true, finalizers: ['example.com/x', 'foregroundDeletion'] });
    expect(decide({ object: self, owners: [], dependents: [loose] })).toEqual({
      ...nothing,
      steps: [{ type: 'setFinalizers', object: self, finalizers: ['example.com/x'] }],
      examine: [loose.key],
    });
  });

  test('BI-21 foreground: an object does not block itself', () => {
    const self = object('x', { isDeleting: true, finalizers: ['foregroundDeletion'], owners: [reference('x', true)] });
    expect(decide({ object: self, owners: [owner('x', 'waiting', true)], dependents: [self] })).toEqual({
      ...nothing,
      steps: [{ type: 'setFinalizers', object: self, finalizers: [] }],
    });
  });

  test('KA-114 orphan: references go first, then the finalizer', () => {
    const self = object('x', { isDeleting: true, finalizers: ['orphan'] });
    const shared = object('s', { owners: [reference('x'), reference('o')] });
    expect(decide({ object: self, owners: [], dependents: [loose, shared] })).toEqual({
      ...nothing,
      steps: [
        { type: 'setOwners', object: loose, owners: [] },
        { type: 'setOwners', object: shared, owners: [reference('o')] },
        { type: 'setFinalizers', object: self, finalizers: [] },
      ],
    });
  });
});
