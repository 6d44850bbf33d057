import { expectTypeOf, test } from 'vitest';
import type { Condition, KubeObject, LabelSelector } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';
import { ServiceExport } from '../multicluster.x-k8s.io/v1beta1/service-export.ts';
import { MemberCluster } from '../quarterdeck.dev/v1alpha1/member-cluster.ts';
import type { Placement } from '../quarterdeck.dev/v1alpha1/placement.ts';
import type { WorkSet } from '../quarterdeck.dev/v1alpha1/work-set.ts';
import { atVersion, type ObjectOf } from './define-kind.ts';

test('types come from the schemas: fields with a default are present, the others optional', () => {
  expectTypeOf<MemberCluster['spec']['acceptance']>().toEqualTypeOf<'Pending' | 'Accepted' | 'Denied'>();
  expectTypeOf<Placement['spec']>().toHaveProperty('numberOfClusters').toEqualTypeOf<number | undefined>();
  expectTypeOf<WorkSet>().toExtend<KubeObject>();
  expectTypeOf<ObjectOf<typeof Placement>>().toEqualTypeOf<Placement>();
});

test('conditions and selectors of the schemas are those of the frame', () => {
  expectTypeOf<NonNullable<NonNullable<Placement['status']>['conditions']>[number]>().toExtend<Condition>();
  expectTypeOf<Condition>().toExtend<NonNullable<NonNullable<Placement['status']>['conditions']>[number]>();
  expectTypeOf<
    NonNullable<NonNullable<Placement['spec']['clusterSelectorTerms']>[number]['labelSelector']>
  >().toExtend<LabelSelector>();
});

test('MCS-1 a kind is a resource at its storage version, and at any served one', ({ expect }) => {
  expectTypeOf(MemberCluster).toExtend<ResourceType<MemberCluster>>();
  expect(ServiceExport.version).toBe('v1beta1');
  expect(atVersion(ServiceExport, 'v1alpha1')).toEqual({
    group: 'multicluster.x-k8s.io',
    version: 'v1alpha1',
    kind: 'ServiceExport',
    plural: 'serviceexports',
    scope: 'Namespaced',
  });
  expect(() => atVersion(ServiceExport, 'v2')).toThrow('ServiceExport is not served at v2');
});
