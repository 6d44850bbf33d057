import { expect, test } from 'vitest';
import { placement } from '../testing/builders.ts';
import { isMoreThanStatus } from './metadata.ts';

const before = placement('p', {}, { metadata: { namespace: 'apps', generation: 3, labels: { a: '1' } } });
const changed = (metadata: object) => ({ ...before, metadata: { ...before.metadata, ...metadata } });

test.each([
  ['a new status', { ...changed({ resourceVersion: '9', managedFields: [] }), status: {} }, false],
  ['another spec', changed({ generation: 4 }), true],
  ['deletion', changed({ deletionTimestamp: '2026-01-01T00:00:00Z' }), true],
  ['a finalizer', changed({ finalizers: ['x/y'] }), true],
  ['another label', changed({ labels: { a: '2' } }), true],
  ['an annotation', changed({ annotations: { b: '' } }), true],
])('what is more than a status: %s', (_what, now, isMore) => {
  expect(isMoreThanStatus(now, before)).toBe(isMore);
});
