import type { Namespace, Stored } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { decide, isWaiting, type Observed } from './decide.ts';

const now = Date.UTC(2026, 0, 1);
const namespace = (finalizers: string[], metadata = {}): Stored<Namespace> =>
  stored({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 't', deletionTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { finalizers },
    status: { phase: 'Terminating' },
  });
const seen = (more: Partial<Observed>): Observed => ({
  namespace: namespace(['kubernetes']),
  remaining: [],
  finalizers: [],
  unserved: [],
  failures: [],
  ...more,
});

test('KA-111 an empty namespace loses the finalizer of the server, and only that', () => {
  const held = namespace(['example.com/x', 'kubernetes']);
  expect(decide(seen({ namespace: held }), now)).toEqual({
    type: 'finalize',
    namespace: { ...held, spec: { finalizers: ['example.com/x'] } },
  });
});

test('KA-111 a failure keeps the namespace, even when nothing is seen in it', () => {
  const decision = decide(seen({ failures: ['configmaps: no database'] }), now);
  expect(decision.type).toBe('wait');
  expect(decision.namespace?.status?.conditions?.find(({ status }) => status === 'True')).toEqual({
    type: 'NamespaceDeletionContentFailure',
    status: 'True',
    reason: 'ContentDeletionFailed',
    message: 'Failed to delete all resource types, configmaps: no database',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
});

test('KA-111b objects of kinds that are not served keep the namespace, and are told', () => {
  const remaining = [{ resource: 'widgets.example.com', count: 2 }];
  const decision = decide(seen({ remaining, unserved: ['widgets.example.com'] }), now);
  const bad = decision.namespace?.status?.conditions?.filter(({ status }) => status === 'True');
  expect(bad?.map(({ type, message }) => [type, message])).toEqual([
    ['NamespaceDeletionDiscoveryFailure', 'Kinds that are not served hold objects here: widgets.example.com'],
    ['NamespaceContentRemaining', 'Some resources are remaining: widgets.example.com has 2 resource instances'],
  ]);
});

test('KA-111b a status that says so already is not written again', () => {
  const remaining = [{ resource: 'configmaps', count: 1 }];
  const first = decide(seen({ remaining }), now);
  if (first.namespace === undefined) throw new Error('the first time it is written');
  expect(decide(seen({ namespace: first.namespace, remaining }), now + 5000)).toEqual({
    type: 'wait',
    namespace: undefined,
  });
});

test.each([
  { name: 'KA-111 terminating, held by the server', object: namespace(['kubernetes']), want: true },
  { name: 'KA-111 held by others only', object: namespace(['example.com/x']), want: false },
  { name: 'KA-111 active', object: namespace(['kubernetes'], { deletionTimestamp: undefined }), want: false },
])('$name: $want', ({ object, want }) => expect(isWaiting(object)).toBe(want));
