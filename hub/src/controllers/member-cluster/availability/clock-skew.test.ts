import type { Condition } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { clockVerdict } from './clock-skew.ts';

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
