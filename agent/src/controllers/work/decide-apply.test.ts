import type { KubeObject } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { configMapManifest, liveObject, readOne } from '../../testing/builders.ts';
import { decideApply, mayForce } from './decide-apply.ts';
import { createRepairGuard } from './repair-guard.ts';

const hash = 'quarterdeck.dev/manifest-hash';
const manifestWith = (policy: Record<string, string> = {}) =>
  readOne(configMapManifest({ metadata: { name: 'a', namespace: 'shop', annotations: policy } }));
const ours = { 'f:data': { 'f:text': {} }, 'f:metadata': { 'f:annotations': { [`f:${hash}`]: {} } } };

interface Case {
  name: string;
  policy?: Record<string, string>;
  /** What `data.text` is on the member, when somebody changed it. */
  seen?: string;
  marks?: Record<string, string>;
  isNew?: boolean;
  isPaused?: boolean;
  repairs?: number;
  want: unknown;
}
const drift = (state: string) => ({
  state,
  isMissing: false,
  fields: [{ path: '.data.text', wanted: '"x"', seen: '"y"', manager: 'kubectl-edit' }],
});
const policyOf = (name: string, value: string) => ({ [`quarterdeck.dev/${name}`]: value });

describe('decideApply', () => {
  test.each<Case>([
    { name: 'WK-27 all is ours', want: { do: 'nothing' } },
    {
      name: 'DL-21 a changed field is taken back',
      seen: 'y',
      want: { do: 'apply', isNew: false, drift: drift('Repaired') },
    },
    {
      name: 'DL-21 by the policy it is only reported',
      seen: 'y',
      policy: policyOf('drift-policy', 'Report'),
      want: { do: 'nothing', drift: drift('Reported') },
    },
    {
      name: 'DL-11 with a pause on the object it stands',
      seen: 'y',
      marks: { 'quarterdeck.dev/pause-repair': 'true' },
      want: { do: 'nothing', drift: drift('Paused') },
    },
    {
      name: 'DL-11 with a pause on the Work it stands',
      seen: 'y',
      isPaused: true,
      want: { do: 'nothing', drift: drift('Paused') },
    },
    {
      name: 'DL-11 a pause on the Work does not hold up a new manifest',
      seen: 'y',
      isPaused: true,
      isNew: true,
      want: { do: 'apply', isNew: true },
    },
    {
      name: 'DL-21 in a fight it waits',
      seen: 'y',
      repairs: 6,
      want: { do: 'nothing', drift: drift('Waiting'), againAfterMs: 20_000 },
    },
    { name: 'DL-21 somebody set our very value', seen: 'x', want: { do: 'apply', isNew: false } },
    {
      name: 'DL-21 a new manifest overrides reported drift',
      seen: 'y',
      isNew: true,
      policy: policyOf('drift-policy', 'Report'),
      want: { do: 'apply', isNew: true },
    },
    {
      name: 'DL-2 what is only created is left as it is',
      seen: 'y',
      policy: policyOf('apply-strategy', 'CreateOnly'),
      want: { do: 'nothing' },
    },
  ])('$name', ({ policy = {}, seen, marks = {}, isNew = false, isPaused = false, repairs = 0, want }) => {
    const manifest = manifestWith(policy);
    const managedFields = [
      { manager: 'us', operation: 'Apply', fieldsV1: seen === undefined ? ours : { 'f:metadata': ours['f:metadata'] } },
      ...(seen === undefined
        ? []
        : [{ manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:text': {} } } }]),
    ];
    const metadata = { annotations: { ...marks, [hash]: isNew ? 'old' : manifest.hash }, managedFields };
    const live = { ...liveObject(manifest, metadata as KubeObject['metadata']), data: { text: seen ?? 'x' } };
    const guard = createRepairGuard();
    for (let each = 0; each < repairs; each++) guard.repaired('uid-live', [{ path: '.data.text' }], 0);
    const wanted: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'shop', annotations: { [hash]: manifest.hash } },
      data: { text: 'x' },
    };
    const common = { fieldManager: 'us', unownable: new Set<string>(), guard, isPaused, now: 0 };
    const situation = { ...common, manifest, live, wanted };
    const { drift: seenDrift, ...rest } = decideApply(situation);
    const told = Object.fromEntries(
      Object.entries({ ...rest, drift: seenDrift }).filter(([, value]) => value !== undefined),
    );
    expect(told).toEqual(want);
  });
});

describe('mayForce', () => {
  const by = (message: string, field = '.data.text') => ({ field, message: `conflict with ${message}` });
  const update = by('"kubectl" with subresource "scale" using apps/v1');
  const apply = by('"argocd"');
  const mark = by('"kubectl-edit" using v1', '.metadata.annotations.quarterdeck.dev/manifest-hash');
  test.each([
    { name: 'WK-23 a field that is new to us', causes: [update], held: false, want: false },
    { name: 'DL-20 a field of ours that an update changed', causes: [update], held: true, want: true },
    { name: 'F-25 a field of ours that another manager applied', causes: [apply], held: true, want: false },
    { name: 'DL-20 one of both', causes: [update, apply], held: true, want: false },
    { name: 'DL-20 our marks', causes: [mark], held: false, want: true },
    { name: 'DL-20 no conflict', causes: [], held: true, want: false },
    {
      name: 'DL-2 whatever it is, by the policy',
      causes: [apply],
      held: false,
      policy: { 'quarterdeck.dev/field-conflicts': 'Force' },
      want: true,
    },
  ])('$name', ({ causes, held, policy = {}, want }) => {
    expect(mayForce(manifestWith(policy as Record<string, string>), causes, () => held)).toBe(want);
  });
});
