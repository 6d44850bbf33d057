import { describe, expect, test } from 'vitest';
import { appliedWork, configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import type { ReadManifest } from './manifest.ts';
import { markedObject as markedObjectOf, ownershipOf } from './marks.ts';

const mine = appliedWork('mine');
const theirs = appliedWork('theirs');
const manifest = readOne(configMapManifest());
const orphan = readOne(
  configMapManifest({
    metadata: { name: 'a', namespace: 'shop', annotations: { 'quarterdeck.dev/deletion-policy': 'Orphan' } },
  }),
);
const namespace = readOne({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
const label = 'quarterdeck.dev/applied-work';
const hash = 'quarterdeck.dev/manifest-hash';
const owner = ({ metadata }: typeof mine) => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'AppliedWork',
  name: metadata.name,
  uid: metadata.uid,
  blockOwnerDeletion: false,
});

describe('ownershipOf', () => {
  const equal = { [hash]: manifest.hash };
  const other = { [hash]: 'another' };
  const ours = { ours: true };
  test.each([
    {
      name: 'WK-31 an object that was there before is not ours',
      metadata: {},
      journal: undefined,
      want: { ours: false, otherWork: undefined },
    },
    {
      name: 'WK-31 nor is one under the name of one that we had',
      metadata: {},
      journal: 'uid-old',
      want: { ours: false, otherWork: undefined },
    },
    {
      name: 'WK-27 one of ours without any mark is known by the journal',
      metadata: {},
      journal: 'uid-live',
      want: ours,
    },
    {
      name: 'WK-31 our label makes it ours',
      metadata: { labels: { [label]: 'mine' }, annotations: other },
      journal: undefined,
      want: ours,
    },
    {
      name: 'DL-5 an equal manifest shares the object of another',
      metadata: { labels: { [label]: 'theirs' }, annotations: equal },
      journal: undefined,
      want: ours,
    },
    {
      name: 'WK-32 a different one does not',
      metadata: { labels: { [label]: 'theirs' }, annotations: other },
      journal: undefined,
      want: { ours: false, otherWork: 'theirs' },
    },
    {
      name: 'DL-5 once they differ, an owner reference gives no say',
      metadata: { labels: { [label]: 'theirs' }, annotations: other, ownerReferences: [owner(theirs), owner(mine)] },
      journal: 'uid-live',
      want: { ours: false, otherWork: 'theirs' },
    },
    {
      name: 'WK-27 without a label our owner reference tells',
      metadata: { ownerReferences: [owner(mine)] },
      journal: undefined,
      want: ours,
    },
    {
      name: 'WK-32 without a label the reference of another tells',
      metadata: { ownerReferences: [owner(theirs)], annotations: other },
      journal: 'uid-live',
      want: { ours: false, otherWork: 'theirs' },
    },
    {
      name: 'DL-5 which shares it when equal',
      metadata: { ownerReferences: [owner(theirs)], annotations: equal },
      journal: undefined,
      want: ours,
    },
    {
      name: 'WK-31 an owner of another kind is no AppliedWork',
      metadata: { ownerReferences: [{ ...owner(mine), kind: 'Deployment' }] },
      journal: undefined,
      want: { ours: false, otherWork: undefined },
    },
  ])('$name', ({ metadata, journal, want }) => {
    expect(ownershipOf(liveObject(manifest, metadata), manifest, mine, journal)).toEqual(want);
  });
});

const markedObject = (of: ReadManifest, applied: typeof mine, live: ReturnType<typeof liveObject> | undefined) =>
  markedObjectOf({ ...of, content: of.object }, applied, live);

describe('markedObject', () => {
  const marks = (object: ReturnType<typeof markedObject>) => {
    const { labels, annotations, ownerReferences } = object.metadata as Record<string, unknown>;
    return { labels, annotations, ownerReferences };
  };

  test('WK-30, DL-20 label, hash and owner reference', () => {
    expect(markedObject(manifest, mine, undefined)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'shop',
        labels: { [label]: 'mine' },
        annotations: { [hash]: manifest.hash },
        ownerReferences: [owner(mine)],
      },
      data: { text: 'x' },
    });
  });

  test('DL-6 Namespaces and orphans have no owner', () => {
    expect(marks(markedObject(namespace, mine, undefined)).ownerReferences).toBeUndefined();
    expect(
      marks(markedObject(orphan, mine, liveObject(orphan, { ownerReferences: [owner(mine)] }))).ownerReferences,
    ).toBeUndefined();
  });

  test('DL-5 the references of others keep their places, so that two Works agree on the order', () => {
    const live = liveObject(manifest, { labels: { [label]: 'theirs' }, ownerReferences: [owner(theirs), owner(mine)] });
    expect(marks(markedObject(manifest, mine, live)).ownerReferences).toEqual([owner(theirs), owner(mine)]);
    expect(marks(markedObject(manifest, theirs, live))).toEqual(marks(markedObject(manifest, mine, live)));
  });

  test('DL-5 the label stays with the Work that came first, for Namespaces too', () => {
    const live = liveObject(namespace, { labels: { [label]: 'theirs' } });
    expect(markedObject(namespace, mine, live)).toEqual(markedObject(namespace, theirs, live));
  });

  test('DL-20 a name beyond a label value is shortened the same way everywhere', () => {
    const long = appliedWork('x'.repeat(100));
    const { labels } = marks(markedObject(manifest, long, undefined)) as { labels: Record<string, string> };
    expect(labels[label]).toHaveLength(63);
    expect(ownershipOf(liveObject(manifest, { labels }), manifest, long, undefined)).toEqual({ ours: true });
  });
});
