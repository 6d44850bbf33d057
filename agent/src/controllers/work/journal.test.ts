import type { AppliedResource } from '@quarterdeck/apis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appliedWork, configMapManifest, readOne, workWith } from '../../testing/builders.ts';
import { appliedWorkName, entryOf, identityOfResource, newAppliedWork, viewJournal } from './journal.ts';

const hubUID = '11111111-2222-3333-4444-555555555555';
const resource = (name: string, uid?: string): AppliedResource => ({
  ordinal: 0,
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespace: 'shop',
  name,
  ...(uid === undefined ? {} : { uid }),
});
const id = (name: string) => identityOfResource(resource(name));

describe('the journal', () => {
  test('WK-29 its name tells hub, namespace and name apart, and fits', () => {
    expect(appliedWorkName(hubUID, { namespace: 'member-m1', name: 'w' })).toBe(`member-m1.w.${hubUID}`);
    const long = { namespace: 'member-m1', name: 'x'.repeat(253) };
    expect(appliedWorkName(hubUID, long)).toHaveLength(253);
    expect(appliedWorkName(hubUID, long)).not.toBe(appliedWorkName(hubUID, { ...long, namespace: 'member-m2' }));
  });

  test('WK-8, WK-29 its spec tells the truth', () => {
    expect(newAppliedWork(hubUID, workWith([]))).toMatchObject({
      metadata: { name: `member-m1.w.${hubUID}` },
      spec: { workName: 'w', workNamespace: 'member-m1' },
    });
  });

  test('WK-9, WK-29 an object is entered without a uid before it is applied, and keeps the one it had', () => {
    const type = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' as const };
    const manifest = readOne(configMapManifest());
    expect(entryOf(manifest, type, undefined)).toEqual(resource('a'));
    expect(entryOf(manifest, type, 'u')).toEqual(resource('a', 'u'));
  });

  const journal = (...entries: AppliedResource[]) => appliedWork('w', { status: { appliedResources: entries } });
  const wanted = (over: Partial<Parameters<typeof viewJournal>[1]> = {}) => ({
    intended: new Set<string>(),
    unusable: new Set<string>(),
    isUnclear: false,
    ...over,
  });

  test('WK-33 what no manifest maps to is removed; what cannot be applied now is kept', () => {
    const view = viewJournal(
      journal(resource('a', 'ua'), resource('b', 'ub'), resource('c')),
      wanted({ intended: new Set([id('a')]), unusable: new Set([id('a'), id('b')]) }),
    );
    expect([view.kept, view.removed, view.uidOf(id('a')), view.uidOf(id('c')), view.uidOf(id('z'))]).toEqual([
      [resource('b', 'ub')],
      [resource('c')],
      'ua',
      undefined,
      undefined,
    ]);
  });

  test('WK-33 while a manifest does not say what it is about, nothing is removed', () => {
    const view = viewJournal(journal(resource('a', 'ua')), wanted({ isUnclear: true }));
    expect([view.kept, view.removed]).toEqual([[resource('a', 'ua')], []]);
  });

  test('WK-33 a change of only the version is no removal', () => {
    const old = { ...resource('a', 'ua'), version: 'v1beta1' };
    expect(viewJournal(journal(old), wanted({ intended: new Set([id('a')]) })).removed).toEqual([]);
  });

  test('WK-33, DL-9 no entry is ever lost, and nothing wanted is removed', () => {
    const names = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'));
    fc.assert(
      fc.property(names, names, names, fc.boolean(), (entered, intended, unusable, isUnclear) => {
        const view = viewJournal(
          journal(...entered.map((name) => resource(name, `u-${name}`))),
          wanted({ intended: new Set(intended.map(id)), unusable: new Set(unusable.map(id)), isUnclear }),
        );
        const after = [...intended, ...view.kept.map(({ name }) => name), ...view.removed.map(({ name }) => name)];
        expect(entered.filter((name) => !after.includes(name))).toEqual([]);
        for (const { name = '' } of view.removed) {
          expect([entered.includes(name), intended.includes(name), unusable.includes(name), isUnclear]).toEqual([
            true,
            false,
            false,
            false,
          ]);
        }
      }),
    );
  });
});
