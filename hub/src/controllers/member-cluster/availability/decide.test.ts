import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { member } from '../../../testing/builders.ts';
import { decide, type Seen } from './decide.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const seconds = (count: number) => count * 1000;
const condition = {
  type: 'ControlPlaneHealthy',
  status: 'True' as 'True' | 'False',
  reason: 'Healthy',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const healthy = member('m1', { status: { conditions: [condition] } });
/** Runs until nothing more is written, as the controller's loop does. */
function settle(seen: Seen): { member: Stored<MemberCluster>; requeueAfterMs: number | undefined } {
  const { writes, requeueAfterMs } = decide(seen, now);
  const [write] = writes;
  if (write === undefined || write.verb === 'delete') return { member: seen.member, requeueAfterMs };
  return settle({ ...seen, member: write.object as Stored<MemberCluster> });
}
const conditionsOf = ({ status }: MemberCluster) =>
  Object.fromEntries((status?.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value} ${reason}`]));

describe('membercluster.availability', () => {
  test.each([
    {
      name: 'RG-30 without a Lease the member has not joined',
      seen: { member: member('m1'), silentMs: undefined },
      want: {
        HubLeaseCurrent: 'False NotJoined',
        ControlPlaneHealthy: 'Unknown NotReported',
        Available: 'False NotJoined',
      },
    },
    {
      name: 'RG-30 a current Lease and a healthy control plane are Available',
      seen: { member: healthy, silentMs: seconds(39) },
      want: { HubLeaseCurrent: 'True LeaseRenewed', ControlPlaneHealthy: 'True Healthy', Available: 'True Available' },
    },
    {
      name: 'CI-25 a lost Lease makes health Unknown, not False',
      seen: { member: healthy, silentMs: seconds(40) },
      want: {
        HubLeaseCurrent: 'False LeaseNotRenewed',
        ControlPlaneHealthy: 'Unknown LeaseExpired',
        Available: 'Unknown LeaseExpired',
      },
    },
  ])('$name', ({ seen, want }) => {
    expect(conditionsOf(settle(seen).member)).toEqual(want);
  });

  test('RG-30 one that has not joined is not lost: no taint', () => {
    const { member: waiting } = settle({ member: member('m1'), silentMs: undefined });
    expect(waiting.spec.taints).toBeUndefined();
  });

  test('RG-30 while one is lost nothing is said of its clock', () => {
    const { member: lost } = settle({ member: healthy, silentMs: seconds(41), skewMs: seconds(60) });
    expect(conditionsOf(lost)).not.toHaveProperty('ClockInSync');
  });

  test("RG-30 a taint of the hub's key with another effect is somebody else's, and stays", () => {
    const theirs = {
      key: 'quarterdeck.dev/unreachable',
      effect: 'NoExecute',
      timeAdded: '2026-01-01T00:00:00Z',
    } as never;
    const tainted = { ...healthy, spec: { ...healthy.spec, taints: [theirs] } };
    expect(settle({ member: tainted, silentMs: 0 }).member.spec.taints).toEqual([theirs]);
  });

  test('RG-30 people are told when a member is lost and when it is back, once', () => {
    const { member: current } = settle({ member: healthy, silentMs: 0 });
    expect(decide({ member: current, silentMs: seconds(39) }, now).notices).toEqual([]);
    const loss = { member: current, silentMs: seconds(41) };
    expect(decide(loss, now).notices.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Warning Lost']);
    const { member: lost } = settle(loss);
    expect(decide({ member: lost, silentMs: seconds(50) }, now).notices).toEqual([]);
    const back = decide({ member: lost, silentMs: 0 }, now).notices;
    expect(back.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Normal Back']);
  });

  test('RG-30 a clock that differs is a condition and changes nothing else', () => {
    const { member: odd } = settle({ member: healthy, silentMs: 0, skewMs: 60_000 });
    const { member: even } = settle({ member: healthy, silentMs: 0, skewMs: 0 });
    expect(conditionsOf(odd)).toEqual({ ...conditionsOf(even), ClockInSync: 'False ClockDiffers' });
    expect(odd.spec).toEqual(even.spec);
  });

  test('RG-30 it looks again at the moment the Lease runs out', () => {
    expect(settle({ member: healthy, silentMs: seconds(10) }).requeueAfterMs).toBe(30_000);
  });

  test('RG-8 of a lost member whose certificate has expired it is said how it comes back', () => {
    const expiring = (certificateExpires: string) =>
      member('m1', { ...healthy, status: { ...healthy.status, agent: { certificateExpires } } });
    const said = (expires: string) =>
      settle({ member: expiring(expires), silentMs: seconds(60) }).member.status?.conditions?.find(
        ({ type }) => type === 'Available',
      )?.message;
    expect(said('2026-01-01T00:09:00Z')).toBe(
      'the agent has not renewed its Lease for 40 s, and its certificate expired at 2026-01-01T00:09:00Z: give it a new token in its --token-file, made by: quarterdeck token create --cluster m1; what runs on the cluster stays',
    );
    expect(said('2026-01-01T00:11:00Z')).toContain('see whether it runs and reaches the hub');
    // One that expires while it is away is looked at again when it does, and a day later at the latest.
    const nextLook = (expires: string) => settle({ member: expiring(expires), silentMs: seconds(60) }).requeueAfterMs;
    expect(['2026-01-01T00:11:00Z', '2027-01-01T00:00:00Z', '2026-01-01T00:09:00Z'].map(nextLook)).toEqual([
      60_000,
      86_400_000,
      undefined,
    ]);
  });

  test('PL-8 a lost member gets the taint unreachable:NoSchedule, stamped', () => {
    expect(settle({ member: healthy, silentMs: seconds(60) }).member.spec.taints).toEqual([
      { key: 'quarterdeck.dev/unreachable', effect: 'NoSchedule', timeAdded: '2026-01-01T00:10:00Z' },
    ]);
  });

  test('PL-8 back again, only our taint goes, and others are stamped', () => {
    const tainted = member('m1', {
      ...healthy,
      spec: {
        ...healthy.spec,
        taints: [
          { key: 'quarterdeck.dev/unreachable', effect: 'NoSchedule' },
          { key: 'maintenance', effect: 'NoExecute' },
        ],
      },
    });
    expect(settle({ member: tainted, silentMs: seconds(1) }).member.spec.taints).toEqual([
      { key: 'maintenance', effect: 'NoExecute', timeAdded: '2026-01-01T00:10:00Z' },
    ]);
  });

  test('CI-25 what was last reported stays when contact is lost', () => {
    const reported = member('m1', { ...healthy, status: { ...healthy.status, version: { kubernetes: '1.35.4' } } });
    expect(settle({ member: reported, silentMs: seconds(60) }).member.status?.version).toEqual({
      kubernetes: '1.35.4',
    });
  });

  test('PL-8 an unhealthy member gets the taint unhealthy:NoSchedule, and loses it when it is well', () => {
    const unhealthy = member('m1', {
      status: { conditions: [{ ...condition, status: 'False', reason: 'Unhealthy', message: 'etcd failed' }] },
    });
    const settled = settle({ member: unhealthy, silentMs: 0 }).member;
    expect(settled.spec.taints).toEqual([
      { key: 'quarterdeck.dev/unhealthy', effect: 'NoSchedule', timeAdded: '2026-01-01T00:10:00Z' },
    ]);
    const lost = settle({ member: settled, silentMs: seconds(60) }).member;
    expect(lost.spec.taints?.map(({ key }) => key)).toEqual([
      'quarterdeck.dev/unhealthy',
      'quarterdeck.dev/unreachable',
    ]);
    const well = settle({ member: { ...lost, status: healthy.status ?? {} }, silentMs: 0 }).member;
    expect(well.spec.taints).toBeUndefined();
  });
});

describe('RG-31 the brake', () => {
  const isBrakeOn = true;

  test('RG-31 conditions are set at once and say why nothing follows; no taint', () => {
    const { member: held, requeueAfterMs } = settle({ member: healthy, silentMs: seconds(40), isBrakeOn });
    expect(held.spec.taints).toBeUndefined();
    expect(conditionsOf(held)).toMatchObject({
      HubLeaseCurrent: 'False LeaseNotRenewed',
      Available: 'Unknown LeaseExpired',
    });
    expect(held.status?.conditions?.find(({ type }) => type === 'Available')?.message).toBe(
      'the agent has not renewed its Lease for 40 s, and nor have most members: see whether the hub can be reached; no decision changes until they return, or until this loss is confirmed: kubectl annotate membercluster m1 quarterdeck.dev/confirm-lost=true',
    );
    expect(requeueAfterMs).toBe(10_000);
  });

  test('RG-31 when the others are back, the one that stays away is tainted', () => {
    const { member: held } = settle({ member: healthy, silentMs: seconds(40), isBrakeOn });
    expect(settle({ member: held, silentMs: seconds(50) }).member.spec.taints).toHaveLength(1);
  });

  test('RG-31 an operator confirms a loss', () => {
    const confirmed = member('m1', {
      ...healthy,
      metadata: { annotations: { 'quarterdeck.dev/confirm-lost': 'true' } },
    });
    const { member: lost } = settle({ member: confirmed, silentMs: seconds(40), isBrakeOn });
    expect([lost.spec.taints?.length, lost.metadata.annotations]).toEqual([1, confirmed.metadata.annotations]);
    // That loss, and none that comes after it.
    const { member: back } = settle({ member: lost, silentMs: 0 });
    expect([back.spec.taints, back.metadata.annotations]).toEqual([undefined, {}]);
  });

  test('CI-25, CP-45 what a profile shows of a lost member does not change as the brake comes and goes', () => {
    const healthOf = ({ status }: Stored<MemberCluster>) =>
      status?.conditions?.find(({ type }) => type === 'ControlPlaneHealthy');
    const { member: held } = settle({ member: healthy, silentMs: seconds(40), isBrakeOn });
    const { member: lost } = settle({ member: held, silentMs: seconds(50) });
    expect(healthOf(held)).toMatchObject({
      reason: 'LeaseExpired',
      message: 'the agent has not renewed its Lease for 40 s',
    });
    expect(healthOf(lost)).toEqual(healthOf(held));
  });

  test('RG-31 a member that was tainted before the brake stays tainted', () => {
    const { member: tainted } = settle({ member: healthy, silentMs: seconds(60) });
    expect(settle({ member: tainted, silentMs: seconds(90), isBrakeOn }).member.spec.taints).toHaveLength(1);
  });

  test('RG-9 a lost one whose certificate is of a CA that the hub has forgotten is told how it comes back', () => {
    const left = member('m1', { status: { conditions: [condition], agent: { certificateIssuer: 'sha256:old' } } });
    const messageOf = (trustedCAs: string[] | undefined) => {
      const { member: lost, requeueAfterMs } = settle({ member: left, silentMs: seconds(41), trustedCAs });
      const available = lost.status?.conditions?.find(({ type }) => type === 'Available');
      return { text: available?.message, requeueAfterMs };
    };
    const forgotten = messageOf(['sha256:new']);
    expect(forgotten.text).toContain('its certificate is of a CA that this hub has forgotten');
    expect(forgotten.text).toContain('quarterdeck token create --cluster m1');
    // The CA may be forgotten while it is away.
    const known = messageOf(['sha256:new', 'sha256:old']);
    expect(known).toEqual({ text: expect.stringContaining('see whether it runs'), requeueAfterMs: seconds(60) });
    expect(messageOf(undefined).text).toContain('see whether it runs');
  });

  test('RG-10 where the hub came back from a backup, each member says so until that is confirmed', () => {
    const told = (annotations: Record<string, string>, before: Stored<MemberCluster> = healthy) => {
      const metadata = { ...before.metadata, annotations };
      return settle({ member: { ...before, metadata }, silentMs: 0 }).member;
    };
    const of = ({ status }: MemberCluster) => status?.conditions?.find(({ type }) => type === 'FollowsHub');
    const epoch = { 'quarterdeck.dev/hub-epoch': 'two 2026-01-01T00:09:00Z' };
    expect(of(told({ 'quarterdeck.dev/hub-epoch': 'one' }))).toBeUndefined();
    const restored = told(epoch);
    expect(of(restored)).toMatchObject({
      status: 'False',
      reason: 'HubRestored',
      message: expect.stringMatching(/backup at 2026-01-01T00:09:00Z: .*then: quarterdeck hub confirm-restore$/),
    });
    const word = (of: string) => ({ ...epoch, 'quarterdeck.dev/restore-confirmed': `2026-01-01T00:09:30Z ${of}` });
    expect(of(told(word('one'), restored))?.status).toBe('False');
    expect(of(told(word('two'), restored))).toMatchObject({ status: 'True', reason: 'RestoreConfirmed', message: '' });
  });
});
