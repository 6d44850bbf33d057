import type { Manifest } from '@quarterdeck/apis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configMapManifest, readOne, workWith } from '../../testing/builders.ts';
import { contentHash, identitiesOf, identityOf, readManifests, withoutOwnNamespace } from './manifest.ts';

const odd = (value: unknown) => value as Manifest;
const problemOf = (manifest: Manifest) => {
  const [entry] = readManifests(workWith([manifest]));
  return entry?.ok === false ? entry.problem : undefined;
};

describe('readManifests', () => {
  test.each([
    {
      name: 'without apiVersion',
      manifest: odd({ kind: 'ConfigMap', metadata: { name: 'a' } }),
      message: 'apiVersion is missing',
    },
    { name: 'without kind', manifest: odd({ apiVersion: 'v1', metadata: { name: 'a' } }), message: 'kind is missing' },
    {
      name: 'with an apiVersion of three parts',
      manifest: configMapManifest({ apiVersion: 'a/b/c' }),
      message: 'apiVersion a/b/c is not a group and a version',
    },
    {
      name: 'without metadata',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap' }),
      message: 'metadata.name is missing',
    },
    {
      name: 'with metadata that is no object',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap', metadata: 'a' }),
      message: 'metadata.name is missing',
    },
    {
      name: 'with an empty name',
      manifest: configMapManifest({ metadata: { name: '' } }),
      message: 'metadata.name is missing',
    },
    {
      name: 'with a name that is a number',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 5 } }),
      message: 'metadata.name is missing',
    },
    {
      name: 'with a namespace that is a number',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 5 } }),
      message: 'metadata.namespace is not a string',
    },
    {
      name: 'with generateName',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } }),
      message: 'metadata.generateName is not possible: set metadata.name',
    },
    {
      name: 'with generateName beside a name',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', generateName: 'a-' } }),
      message: 'metadata.generateName is not possible: set metadata.name',
    },
    {
      name: 'that is a list',
      manifest: odd({ apiVersion: 'v1', kind: 'ConfigMapList', items: [] }),
      message: 'a list is not one object',
    },
    {
      name: 'with a policy that does not exist',
      manifest: configMapManifest({
        metadata: { name: 'a', annotations: { 'quarterdeck.dev/deletion-policy': 'Keep' } },
      }),
      message: 'annotation quarterdeck.dev/deletion-policy: unsupported value "Keep"; supported: Delete, Orphan',
    },
    {
      name: 'with a path that cannot be read',
      manifest: configMapManifest({
        metadata: { name: 'a', annotations: { 'quarterdeck.dev/ignore-fields': 'data.a; spec[x]' } },
      }),
      message: 'annotation quarterdeck.dev/ignore-fields: cannot read the field path "spec[x]"',
    },
    {
      name: 'with a policy that only a Work can have',
      manifest: configMapManifest({ metadata: { name: 'a', annotations: { 'quarterdeck.dev/execute-as': 'a/b' } } }),
      message: 'annotation quarterdeck.dev/execute-as belongs on the Work, not on a manifest',
    },
  ])('WK-25, BI-23 a manifest $name is refused', ({ manifest, message }) => {
    expect(problemOf(manifest)).toEqual({ reason: 'InvalidManifest', message });
  });

  test('WK-25 what only a server may say is stripped', () => {
    const manifest = odd({
      ...configMapManifest(),
      status: { x: 1 },
      metadata: {
        name: 'a',
        namespace: 'shop',
        labels: { app: 'a' },
        uid: 'u',
        resourceVersion: '5',
        generation: 3,
        creationTimestamp: null,
        managedFields: [],
        selfLink: '/x',
        ownerReferences: [{}],
        deletionTimestamp: 'now',
        deletionGracePeriodSeconds: 0,
      },
    });
    expect(readOne(manifest).object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'shop', labels: { app: 'a' } },
      data: { text: 'x' },
    });
  });

  test('WK-25, BI-23 of two manifests of one object the first stands, in whatever version', () => {
    const deployment = (apiVersion: string) => ({
      apiVersion,
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'b' },
    });
    const entries = readManifests(workWith([deployment('apps/v1'), deployment('apps/v1beta1'), configMapManifest()]));
    expect(entries.map((entry) => (entry.ok ? entry.manifest.ordinal : entry.problem.message))).toEqual([
      0,
      'manifest 0 is the same object',
      2,
    ]);
  });

  test('DL-6 a policy of the Work is the default of its manifests, and stands on the object', () => {
    const orphan = { 'quarterdeck.dev/deletion-policy': 'Orphan' };
    const own = configMapManifest({
      metadata: { name: 'b', annotations: { 'quarterdeck.dev/deletion-policy': 'Delete', x: 'y' } },
    });
    const entries = readManifests(
      workWith([configMapManifest(), own], { metadata: { annotations: { ...orphan, other: '1' } } }),
    );
    expect(
      entries.map((entry) => entry.ok && [entry.manifest.policy.deletionPolicy, entry.manifest.object.metadata]),
    ).toEqual([
      ['Orphan', { name: 'a', namespace: 'shop', annotations: orphan }],
      ['Delete', { name: 'b', annotations: { 'quarterdeck.dev/deletion-policy': 'Delete', x: 'y' } }],
    ]);
  });

  test('DL-10 a policy of the Work that does not exist refuses every manifest', () => {
    const entries = readManifests(
      workWith([configMapManifest()], { metadata: { annotations: { 'quarterdeck.dev/take-over': 'Sometimes' } } }),
    );
    expect(entries.map(({ ok }) => ok)).toEqual([false]);
  });

  test('WK-33 identity has no version; identities come from every manifest that has one', () => {
    const manifests = [
      configMapManifest(),
      odd({ kind: 'x' }),
      odd({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }),
    ];
    expect(identitiesOf(workWith(manifests))).toEqual(['ConfigMap./shop/a', 'Deployment.apps//d']);
    expect(identityOf({ group: 'apps', kind: 'Deployment', namespace: '', name: 'd' })).toBe('Deployment.apps//d');
  });

  test('BI-23 anything at all is read without a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.object()), (manifests) => {
        const entries = readManifests(workWith(manifests as Manifest[]));
        expect(entries).toHaveLength(manifests.length);
      }),
    );
  });

  test('WK-17 the hash ignores the order of keys and nothing else', () => {
    expect(contentHash({ a: 1, b: [{ c: 1, d: 2 }] })).toBe(contentHash({ b: [{ d: 2, c: 1 }], a: 1 }));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
    expect(contentHash({ a: '1' })).not.toBe(contentHash({ a: 1 }));
  });

  test('BI-5 a key __proto__ is data and counts', () => {
    const spiked = JSON.parse('{"__proto__": {"x": 1}}') as Manifest;
    expect(contentHash(spiked as never)).not.toBe(contentHash({}));
  });
});

test('BI-24, SEC-4 the namespace of the agent is not for Works', () => {
  const inside = (name: string, namespace?: string) =>
    configMapManifest({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
  const manifests = [
    inside('a', 'quarterdeck-system'),
    { ...inside('quarterdeck-system'), kind: 'Namespace' },
    inside('quarterdeck-system', 'shop'),
  ];
  const entries = withoutOwnNamespace(readManifests(workWith(manifests)));
  expect(entries.map((entry) => (entry.ok ? 'applied' : entry.problem.message))).toEqual([
    'namespace quarterdeck-system belongs to the agent',
    'namespace quarterdeck-system belongs to the agent',
    'applied',
  ]);
});
