import type { KubeObject, Stored } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import { decideApply, type Verdict } from './decide-apply.ts';
import { createRepairGuard } from './repair-guard.ts';

const hash = 'quarterdeck.dev/manifest-hash';
const keys = ['a', 'b', 'c', 'd'] as const;
const data = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('1', '2', '3'), { minKeys: 1 });

/** What another manager did to one field since the last apply: set it, took it away, or nothing. */
const edits = fc.dictionary(fc.constantFrom(...keys), fc.option(fc.constantFrom('1', '2', '9'), { nil: undefined }));
const situation = fc.record({
  wanted: data,
  edits,
  isNew: fc.boolean(),
  isPaused: fc.boolean(),
  policy: fc.constantFrom('Repair', 'Report'),
  strategy: fc.constantFrom('ServerSideApply', 'CreateOnly', 'Recreate'),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

const fieldsOf = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]));

/** A server names no map of which a manager holds nothing. */
const dataFields = (names: ReadonlySet<string>) => (names.size === 0 ? {} : { 'f:data': fieldsOf([...names]) });

/** An object as a server would have it: applied by us as it was wanted, then edited. */
function observe({ wanted, edits, isNew, policy, strategy }: Situation) {
  const annotations = { 'quarterdeck.dev/drift-policy': policy, 'quarterdeck.dev/apply-strategy': strategy };
  const manifest = readOne(
    configMapManifest({ metadata: { name: 'a', namespace: 'shop', annotations }, data: wanted }),
  );
  const values: Record<string, string> = { ...wanted };
  const ours = new Set(Object.keys(wanted));
  const theirs = new Set<string>();
  for (const [name, value] of Object.entries(edits)) {
    if (value === undefined) {
      delete values[name];
      ours.delete(name);
    } else if (values[name] !== value) {
      values[name] = value;
      ours.delete(name);
      theirs.add(name);
    }
  }
  const annotationFields = { 'f:annotations': fieldsOf([hash, ...Object.keys(annotations)]) };
  const managedFields = [
    { manager: 'us', operation: 'Apply', fieldsV1: { ...dataFields(ours), 'f:metadata': annotationFields } },
    { manager: 'editor', operation: 'Update', fieldsV1: dataFields(theirs) },
  ];
  const metadata = { annotations: { ...annotations, [hash]: isNew ? 'old' : manifest.hash }, managedFields };
  const live = {
    ...liveObject(manifest, metadata as KubeObject['metadata']),
    data: values,
  } as unknown as Stored<KubeObject>;
  const sent: JsonObject = {
    ...manifest.object,
    metadata: { ...(manifest.object.metadata as JsonObject), annotations: { ...annotations, [hash]: manifest.hash } },
  };
  return { manifest, live, wanted: sent, lost: Object.keys(wanted).filter((name) => values[name] !== wanted[name]) };
}

const plan = (given: Situation): Verdict => {
  const { manifest, live, wanted } = observe(given);
  const common = { fieldManager: 'us', unownable: new Set<string>(), guard: createRepairGuard(), now: 0 };
  return decideApply({ ...common, manifest, live, wanted, isPaused: given.isPaused });
};

test('DL-21, WK-27 the plan of an apply: total; it tells every field that was lost, and no other', () => {
  fc.assert(
    fc.property(situation, (given) => {
      const verdict = plan(given);
      const { lost } = observe(given);
      const told = (verdict.drift?.fields ?? []).map(({ path }) => path.replace('.data.', '')).sort();
      const isTold = !given.isNew && given.strategy !== 'CreateOnly';
      expect(told).toEqual(isTold ? lost.sort() : []);
    }),
  );
});

test('DL-11, DL-21, DL-2 a plan writes when the manifest is new, or to put right what may be put right; else never', () => {
  fc.assert(
    fc.property(situation, (given) => {
      const verdict = plan(given);
      const { lost } = observe(given);
      const mayRepair = !given.isPaused && given.policy === 'Repair' && given.strategy !== 'CreateOnly';
      if (given.isNew) expect(verdict).toEqual({ do: 'apply', isNew: true, drift: undefined });
      else if (lost.length > 0) expect(verdict.do).toBe(mayRepair ? 'apply' : 'nothing');
      else expect(verdict).toEqual({ do: 'nothing', drift: undefined, againAfterMs: undefined });
    }),
  );
});

test('WK-27 a plan that was carried out leaves nothing to do', () => {
  fc.assert(
    fc.property(situation, (given) => {
      fc.pre(plan(given).do === 'apply');
      // After an apply the member has our values, and gives them to us.
      expect(plan({ ...given, edits: {}, isNew: false })).toEqual({
        do: 'nothing',
        drift: undefined,
        againAfterMs: undefined,
      });
    }),
  );
});
