import { describe, expect, test } from 'vitest';
import { policyAnnotation } from '../constants/annotations.ts';
import { Work } from '../multicluster.x-k8s.io/v1alpha1/work.ts';
import { allPolicies } from '../policies/all.ts';
import { manifestAnnotations } from '../policies/manifest-annotations.ts';
import { isMatched, type PolicyRequest, policyDenial, type Right } from '../policies/policy.ts';
import { configMapManifest, objectOf } from './objects.ts';
import { type PolicyVerdict, policyUser, policyVerdicts } from './policy-verdicts.ts';

const requestOf = (verdict: PolicyVerdict): PolicyRequest => ({
  operation: verdict.old === undefined ? 'CREATE' : 'UPDATE',
  group: verdict.kind.group,
  resource: verdict.kind.plural,
  subresource: verdict.subresource ?? '',
  name: verdict.object.metadata.name ?? '',
  user: policyUser(verdict),
  object: verdict.object,
  oldObject: verdict.old,
});
const sameRight = (a: Right, b: Right) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

describe('twins of the policies', () => {
  test.each(policyVerdicts)('$name', (verdict) => {
    const request = requestOf(verdict);
    const may = (asked: Right) => (verdict.rights ?? []).some((held) => sameRight(held, asked));
    expect(isMatched(verdict.policy, request)).toBe(true);
    expect(verdict.policy.twin(request, may)).toEqual(verdict.refused);
  });

  test.each(policyVerdicts)('$name, and no other policy objects', (verdict) => {
    const request = requestOf(verdict);
    const others = allPolicies.filter((policy) => policy !== verdict.policy && isMatched(policy, request));
    const may = (asked: Right) => (verdict.rights ?? []).some((held) => sameRight(held, asked));
    expect(others.map((policy) => policy.twin(request, may))).toEqual(others.map(() => undefined));
  });
});

test('every policy has a verdict for and one against', () => {
  for (const policy of allPolicies) {
    const own = policyVerdicts.filter((verdict) => verdict.policy === policy);
    expect([
      own.some(({ refused }) => refused === undefined),
      own.some(({ refused }) => refused !== undefined),
    ]).toEqual([true, true]);
  }
});

test('DL-10 a work stored with a bad annotation can still lose its finalizer', () => {
  const manifests = [configMapManifest('a', { [policyAnnotation.applyWave]: '1.5' })];
  const stored = (finalizers: string[]) =>
    objectOf(Work, 'old', { metadata: { name: 'old', finalizers }, spec: { workload: { manifests } } });
  const request: PolicyRequest = {
    operation: 'UPDATE',
    group: Work.group,
    resource: Work.plural,
    subresource: '',
    name: 'old',
    user: { name: 'a', groups: [] },
    object: stored([]),
    oldObject: stored(['a.example.com/b']),
  };
  expect(manifestAnnotations.twin(request, () => false)).toBeUndefined();
});

test('RG-20 a subresource is matched only where a rule names it', () => {
  const [status] = policyVerdicts.filter(({ subresource }) => subresource === 'status').map(requestOf);
  const matching = allPolicies.filter((policy) => isMatched(policy, status as PolicyRequest));
  expect(matching.map(({ policy }) => policy.metadata.name)).toEqual(['member-writes.quarterdeck.dev']);
});

test('KA-137 a denial reads like that of Kubernetes', () => {
  const verdict = policyVerdicts.find(({ name }) => name.startsWith('DL-1 ')) as PolicyVerdict;
  const refusal = verdict.refused as NonNullable<PolicyVerdict['refused']>;
  const denial = `ValidatingAdmissionPolicy 'manifest-annotations.quarterdeck.dev' with binding 'manifest-annotations.quarterdeck.dev' denied request: ${refusal.message}`;
  expect(policyDenial(verdict.policy, requestOf(verdict), refusal).status).toEqual({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: `works.multicluster.x-k8s.io "wave" is forbidden: ${denial}`,
    reason: 'Invalid',
    details: { name: 'wave', group: 'multicluster.x-k8s.io', kind: 'works', causes: [{ message: denial }] },
    code: 422,
  });
});
