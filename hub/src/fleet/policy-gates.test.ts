import { ClusterSetBinding, MemberCluster, membersGroup, Work } from '@quarterdeck/apis';
import type { AdmissionAttributes, AdmissionContext } from '@quarterdeck/apiserver';
import { describe, expect, test } from 'vitest';
import { policyGates } from './policy-gates.ts';

const attributes = (over: Partial<AdmissionAttributes>): AdmissionAttributes =>
  ({
    operation: 'CREATE',
    group: 'quarterdeck.dev',
    version: 'v1alpha1',
    resource: 'clustersetbindings',
    subresource: '',
    namespace: 'apps',
    name: 'blue',
    user: { name: 'alice', groups: ['devs'] },
    object: {
      apiVersion: 'quarterdeck.dev/v1alpha1',
      kind: ClusterSetBinding.kind,
      metadata: { name: 'blue' },
      spec: { clusterSet: 'blue' },
    },
    oldObject: undefined,
    ...over,
  }) as AdmissionAttributes;
/** Allows exactly these: `verb resource/name`. */
const contextThatAllows = (...rights: string[]): { context: AdmissionContext; asked: string[] } => {
  const asked: string[] = [];
  const authorize = ({ verb, resource, name }: { verb: string; resource: string; name: string }) => {
    asked.push(`${verb} ${resource}/${name}`);
    return { allowed: rights.includes(`${verb} ${resource}/${name}`), reason: '' };
  };
  return { context: { authorizer: { authorize } } as unknown as AdmissionContext, asked };
};
const validate = async (of: AdmissionAttributes, context: AdmissionContext) =>
  await policyGates.validate?.(of, context);

describe('policyGates', () => {
  test('PL-1 binding a set needs the verb bind on it, and nothing else', async () => {
    const denied = contextThatAllows('bind clustersets/red');
    await expect(validate(attributes({}), denied.context)).rejects.toMatchObject({ code: 403 });
    const allowed = contextThatAllows('bind clustersets/blue');
    await validate(attributes({}), allowed.context);
    expect(allowed.asked).toEqual(['bind clustersets/blue']);
  });

  test('RG-3 accepting needs the verb accept, and a set the verb join', async () => {
    const object = {
      apiVersion: 'quarterdeck.dev/v1alpha1',
      kind: MemberCluster.kind,
      metadata: { name: 'm1' },
      spec: { acceptance: 'Accepted', clusterSet: 'blue' },
    };
    const of = attributes({ resource: 'memberclusters', name: 'm1', namespace: '', object: object as never });
    await expect(validate(of, contextThatAllows('accept memberclusters/m1').context)).rejects.toMatchObject({
      code: 403,
    });
    await expect(validate(of, contextThatAllows('join clustersets/blue').context)).rejects.toMatchObject({ code: 403 });
    await validate(of, contextThatAllows('accept memberclusters/m1', 'join clustersets/blue').context);
  });

  test('RG-20, WK-40 an agent changes nothing of a Work but its finalizer', async () => {
    const work = (over: object) => ({
      apiVersion: 'multicluster.x-k8s.io/v1alpha1',
      kind: Work.kind,
      metadata: { name: 'w', ...over },
      spec: {},
    });
    const by = (object: object) =>
      attributes({
        operation: 'UPDATE',
        group: 'multicluster.x-k8s.io',
        resource: 'works',
        name: 'w',
        user: { name: 'quarterdeck:member:m1', groups: [membersGroup] },
        object: object as never,
        oldObject: work({}) as never,
      });
    const { context } = contextThatAllows();
    await validate(by(work({ finalizers: ['multicluster.x-k8s.io/work-cleanup'] })), context);
    await expect(validate(by(work({ finalizers: ['mine'] })), context)).rejects.toMatchObject({ code: 403 });
    await expect(validate(by({ ...work({}), spec: { workload: {} } }), context)).rejects.toMatchObject({ code: 403 });
  });

  test('DL-32 what no policy names is not looked at', () => {
    expect(policyGates.handles(attributes({}))).toBe(true);
    expect(policyGates.handles(attributes({ group: '', resource: 'configmaps' }))).toBe(false);
    expect(policyGates.handles(attributes({ operation: 'DELETE' }))).toBe(false);
  });
});
