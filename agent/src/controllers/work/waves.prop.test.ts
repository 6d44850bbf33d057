import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankOf } from './order.ts';
import { inWaves, inWithdrawWaves, type Ordered } from './waves.ts';

const kinds = [
  { group: '', version: 'v1', kind: 'Namespace' },
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  { group: 'example.test', version: 'v1', kind: 'Thing' },
];
const item = fc.record({
  gvk: fc.constantFrom(...kinds),
  space: fc.constantFrom('a', 'b'),
  wave: fc.integer({ min: -3, max: 3 }),
});
const items = fc.array(item, { maxLength: 20 }).map((list) =>
  list.map(
    ({ gvk, space, wave }, ordinal): Ordered => ({
      gvk,
      namespace: gvk.kind === 'Namespace' || gvk.kind === 'CustomResourceDefinition' ? '' : space,
      name: gvk.kind === 'Namespace' ? space : `n${ordinal}`,
      ordinal,
      wave,
      ...(gvk.kind === 'CustomResourceDefinition' ? { defines: { group: 'example.test', kind: 'Thing' } } : {}),
    }),
  ),
);
const isContainer = ({ gvk }: Ordered) => gvk.kind === 'Namespace' || gvk.kind === 'CustomResourceDefinition';

test('DL-1, WK-24 every manifest is in one wave; none but containers before its own; containers before what they hold', () => {
  fc.assert(
    fc.property(items, (list) => {
      const waves = inWaves(list);
      const placed = waves.flat();
      expect(placed.map(({ ordinal }) => ordinal).sort((a, b) => a - b)).toEqual(list.map(({ ordinal }) => ordinal));
      const at = new Map(placed.map(({ ordinal }, index) => [ordinal, index]));
      const position = ({ ordinal }: Ordered) => at.get(ordinal) ?? -1;
      for (const one of list) {
        for (const other of list) {
          const isPlain = !isContainer(one) && !isContainer(other);
          if (isPlain && one.wave < other.wave) expect(position(one)).toBeLessThan(position(other));
          const holds =
            (one.gvk.kind === 'Namespace' && other.namespace === one.name) ||
            (one.defines !== undefined && other.gvk.kind === one.defines.kind);
          if (holds) expect(position(one)).toBeLessThan(position(other));
        }
      }
      for (const wave of waves) {
        const order = wave.map(({ gvk, ordinal }) => [rankOf(gvk), ordinal]);
        expect(order).toEqual(order.toSorted(([a = 0, i = 0], [b = 0, j = 0]) => a - b || i - j));
      }
    }),
  );
});

test('DL-1 withdrawn in the reverse order of waves, each thing once', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ wave: fc.integer({ min: -3, max: 3 }), id: fc.nat() })), (list) => {
      const waves = inWithdrawWaves(list);
      expect(waves.flat()).toHaveLength(list.length);
      const order = waves.map(([first]) => first?.wave ?? 0);
      expect(order).toEqual([...new Set(order)].toSorted((a, b) => b - a));
      for (const wave of waves) expect(new Set(wave.map((each) => each.wave)).size).toBe(1);
    }),
  );
});
