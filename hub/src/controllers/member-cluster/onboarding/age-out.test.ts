import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../../../testing/builders.ts';
import { decide, type Seen } from './decide.ts';

const registered = Date.parse('2026-01-01T00:00:00Z');
const hours = (count: number) => count * 3_600_000;
const waiting = (acceptance: MemberCluster['spec']['acceptance'], over: Partial<MemberCluster> = {}) =>
  member('m1', {
    metadata: {
      ...member('m1').metadata,
      finalizers: ['quarterdeck.dev/member-cleanup'],
      annotations: { 'quarterdeck.dev/hub-uid': 'hub-1', 'quarterdeck.dev/requested-by': 'token/abcdef' },
    },
    spec: { acceptance, clusterSet: 'default' },
    ...over,
  });
const seen = (of: Stored<MemberCluster>, over: Partial<Seen> = {}): Seen => ({
  member: of,
  hubUID: 'hub-1',
  existing: [],
  works: [],
  profiles: [],
  heardOf: false,
  spentTokens: [],
  ...over,
});
const outcome = (of: Seen, now: number) => {
  const { writes, notices, requeueAfterMs } = decide(of, now);
  return {
    deleted: writes.some(({ verb }) => verb === 'delete'),
    told: notices.filter(({ reason }) => reason === 'AgedOut').map(({ message }) => message),
    requeueAfterMs,
  };
};

test('RG-5 a cluster that nobody accepted is kept for 24 hours, says so, and is then forgotten, which is told', () => {
  const pending = seen(waiting('Pending'));
  expect(outcome(pending, registered + hours(23))).toEqual({ deleted: false, told: [], requeueAfterMs: hours(1) });
  expect(outcome(pending, registered + hours(24))).toEqual({
    deleted: true,
    told: ['nobody accepted the cluster, and it has not asked for 24 hours: forgotten'],
    requeueAfterMs: undefined,
  });
  const [write] = decide(pending, registered).writes.filter(({ verb }) => verb === 'changeStatus');
  const { conditions } = (write as unknown as { object: { status: NonNullable<MemberCluster['status']> } }).object
    .status;
  expect(conditions?.find(({ type }) => type === 'Accepted')?.message).toContain(
    'it is forgotten 24 hours after it last asked',
  );
});

test('RG-5 one that goes on asking is not forgotten, and a denied one longer not', () => {
  const asked = { lastAsked: registered + hours(20) };
  expect(outcome(seen(waiting('Pending'), asked), registered + hours(24))).toMatchObject({ requeueAfterMs: hours(20) });
  expect(outcome(seen(waiting('Denied')), registered + hours(24))).toMatchObject({ requeueAfterMs: hours(144) });
  expect(outcome(seen(waiting('Denied')), registered + hours(168))).toMatchObject({ deleted: true });
  const stubborn = { lastAsked: registered + hours(167) };
  expect(outcome(seen(waiting('Denied'), stubborn), registered + hours(168))).toMatchObject({ deleted: false });
});

test.each([
  { name: 'one that a person registered', of: waiting('Pending', { metadata: { ...member('m1').metadata } }) },
  { name: 'one that has held a certificate', of: waiting('Denied', { status: { clusterUID: 'uid-a' } }) },
  { name: 'an accepted one', of: waiting('Accepted') },
])('RG-5 $name is never forgotten', ({ of }) => {
  expect(outcome(seen(of), registered + hours(24 * 365))).toMatchObject({ deleted: false, told: [] });
});
