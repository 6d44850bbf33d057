import { type Condition, Lease } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { stored } from '../../../testing/builders.ts';
import { clockVerdict, skewAt } from './clock-skew.ts';

const said = (status: 'True' | 'False'): Condition[] => [
  { type: 'ClockInSync', status, reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
];

test.each([
  { name: 'RG-30 nothing is said before a heartbeat', before: undefined, skew: undefined, want: undefined },
  { name: 'RG-30 clocks agree', before: undefined, skew: 9_000, want: 'True' },
  { name: 'RG-30 a member ahead', before: undefined, skew: 11_000, want: 'False' },
  { name: 'RG-30 a member behind', before: said('True'), skew: -11_000, want: 'False' },
  { name: 'CP-45 what holds is not said again', before: said('True'), skew: 4_000, want: undefined },
  { name: 'CP-45 nor while it differs, by whatever', before: said('False'), skew: 77_000, want: undefined },
  { name: 'CP-45 a skew near the limit does not flap', before: said('False'), skew: 6_000, want: undefined },
  { name: 'RG-30 back in step', before: said('False'), skew: 5_000, want: 'True' },
])('$name', ({ before, skew, want }) => {
  expect(clockVerdict(before, skew)?.status).toBe(want);
});

test('RG-30 the message says by how much, and which way', () => {
  expect(clockVerdict(undefined, -34_400)?.message).toContain('was 34 s behind that of the hub');
});

const made = Date.parse('2026-01-01T00:00:00Z');
const microAt = (ms: number) => new Date(made + ms).toISOString().replace('Z', '000Z');
const renewedAt = (ms: number, acquiredAt = 0) =>
  stored(Lease, 'l', { spec: { renewTime: microAt(ms), acquireTime: microAt(acquiredAt) } });

test.each([
  {
    name: 'a renewal tells by how much',
    lease: renewedAt(30_000),
    old: renewedAt(0),
    now: made + 10_000,
    want: 20_000,
  },
  { name: 'what renews nothing tells nothing', lease: renewedAt(0), old: renewedAt(0), now: made, want: undefined },
  { name: 'the first tells that clocks agree', lease: renewedAt(900, 900), now: made + 60_000, want: 900 },
  { name: 'and not that they differ', lease: renewedAt(-6_000, -6_000), now: made, want: undefined },
  { name: 'one that was there before may be any age', lease: renewedAt(4_000), now: made, want: undefined },
  { name: 'one without a time tells nothing', lease: stored(Lease, 'l', { spec: {} }), now: made, want: undefined },
])('RG-30 of clocks: $name', ({ lease, old, now, want }) => {
  expect(skewAt(lease, old, now)).toBe(want);
});
