import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inApplyOrder, rankOf } from './order.ts';
import { inWithdrawOrder } from './withdraw.ts';

const kinds = [
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration' },
  { group: 'example.test', version: 'v1', kind: 'Widget' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: '', version: 'v1', kind: 'Service' },
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
  { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  { group: '', version: 'v1', kind: 'Namespace' },
];

test('DL-1, WK-24 namespaces and CRDs first, then what others need, webhooks last', () => {
  const items = kinds.map((gvk, ordinal) => ({ gvk, ordinal }));
  expect(inApplyOrder(items).map(({ gvk }) => gvk.kind)).toEqual([
    'Namespace',
    'CustomResourceDefinition',
    'ConfigMap',
    'Role',
    'Service',
    'Deployment',
    'Widget',
    'ValidatingWebhookConfiguration',
  ]);
});

test('DL-1 a kind of the same name in another group has no rank of its own', () => {
  expect(rankOf({ group: 'serving.example.test', kind: 'Service' })).toBe(rankOf({ group: 'x', kind: 'Y' }));
});

const item = fc.record({ gvk: fc.constantFrom(...kinds), ordinal: fc.nat(1000) });
const unique = fc.uniqueArray(item, { selector: ({ ordinal }) => ordinal });

test('DL-1 the plan is the same whatever the order it is made in; inside a rank the list counts', () => {
  fc.assert(
    fc.property(unique, fc.nat(), (items, seed) => {
      const shuffled = items.toSorted((a, b) => ((a.ordinal * 31 + seed) % 17) - ((b.ordinal * 31 + seed) % 17));
      const plan = inApplyOrder(items);
      expect(inApplyOrder(shuffled)).toEqual(plan);
      for (const [index, each] of plan.slice(1).entries()) {
        const before = plan[index];
        if (before === undefined) continue;
        const [x, y] = [rankOf(before.gvk), rankOf(each.gvk)];
        expect(x < y || (x === y && before.ordinal < each.ordinal)).toBe(true);
      }
    }),
  );
});

test('WK-34 withdrawal goes the other way round', () => {
  fc.assert(
    fc.property(unique, (items) => {
      const entries = items.map(({ gvk, ordinal }) => ({ ordinal, ...gvk }));
      const applied = inApplyOrder(items).map(({ ordinal }) => ordinal);
      expect(inWithdrawOrder(entries).map(({ ordinal }) => ordinal)).toEqual(applied.reverse());
    }),
  );
});
