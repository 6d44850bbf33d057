import { expect, test } from 'vitest';
import { isRenewal } from './leases.ts';

const lease = {
  metadata: {
    name: 'lease',
    resourceVersion: '7',
    labels: { a: 'b' },
    managedFields: [{ time: '2026-01-01T00:00:00Z' }],
  },
  spec: { holderIdentity: 'm1', leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000000Z' },
};
const { metadata, spec } = lease;
const later = '2026-01-01T00:00:10.000000Z';

test.each([
  ['a later time', { metadata, spec: { ...spec, renewTime: later } }, true],
  [
    'that, and whose field it is',
    { metadata: { ...metadata, managedFields: [] }, spec: { ...spec, renewTime: later } },
    true,
  ],
  ['a first time', { metadata, spec: { ...spec, renewTime: undefined } }, true],
  ['another holder', { metadata, spec: { ...spec, holderIdentity: 'm2', renewTime: later } }, false],
  ['a release', { metadata, spec: { leaseDurationSeconds: 40, renewTime: later } }, false],
  ['another duration', { metadata, spec: { ...spec, leaseDurationSeconds: 15, renewTime: later } }, false],
  ['a transition', { metadata, spec: { ...spec, leaseTransitions: 1, renewTime: later } }, false],
  ['a label', { metadata: { ...metadata, labels: { a: 'c' } }, spec: { ...spec, renewTime: later } }, false],
])('KA-142 what says no more than that all is as before: %s', (_what, next, expected) => {
  const withoutAbsent = JSON.parse(JSON.stringify(next));
  expect(isRenewal(withoutAbsent, lease)).toBe(expected);
});
