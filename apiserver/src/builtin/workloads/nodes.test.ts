import { expect, test } from 'vitest';
import { nodes } from './nodes.ts';

test.each([
  { name: 'no range', spec: {}, want: {} },
  { name: 'one range', spec: { podCIDR: '10.0.0.0/24' }, want: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } },
  {
    name: 'a list of ranges',
    spec: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
    want: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
  },
  {
    name: 'another single one',
    spec: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
    want: { podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.1.0/24'] },
  },
])('KA-3 the range of pods of a node is the first of its ranges: $name', ({ spec, want }) => {
  expect(nodes.strategy.complete?.({ spec })?.spec).toEqual(want);
});

test('KA-3 a single range that is none is refused', () => {
  const node = nodes.strategy.complete?.({ spec: { podCIDR: 'x' } }) ?? {};
  expect(nodes.strategy.validate?.(node).map(({ field }) => field)).toEqual(['spec.podCIDRs[0]']);
});
