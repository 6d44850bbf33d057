import { type Condition, findCondition, type MemberCluster } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member } from '../../../testing/builders.ts';
import { decide, type Standby } from './decide.ts';

const now = Date.parse('2026-01-01T00:01:00Z');
const said = (status: 'True' | 'False'): Condition => ({
  type: 'OneAgent',
  status,
  reason: status === 'True' ? 'OneAgent' : 'SecondAgent',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const second: Standby = { holder: 'host/2', silentMs: 10_000, isAlive: true };

test.each<{
  name: string;
  before?: 'True' | 'False';
  standby?: Standby;
  want: [string | undefined, number | undefined];
}>([
  { name: 'nothing is said where there never was a second one', want: [undefined, undefined] },
  { name: 'a second one is told', standby: second, want: ['False SecondAgent', 30_000] },
  { name: 'and told once', before: 'False', standby: second, want: [undefined, 30_000] },
  { name: 'a Lease of long ago tells of nobody', standby: { ...second, isAlive: false }, want: [undefined, 30_000] },
  {
    name: 'nor does it clear what was said before the hub was started anew',
    before: 'False',
    standby: { ...second, isAlive: false },
    want: [undefined, 30_000],
  },
  {
    name: 'it clears when the second one is silent',
    before: 'False',
    standby: { ...second, silentMs: 40_000 },
    want: ['True OneAgent', undefined],
  },
  { name: 'or its Lease is gone', before: 'False', want: ['True OneAgent', undefined] },
  { name: 'what is clear stays so without a write', before: 'True', want: [undefined, undefined] },
  { name: 'a second one may come again', before: 'True', standby: second, want: ['False SecondAgent', 30_000] },
])('RG-11 $name', ({ before, standby, want }) => {
  const seen = member('m1', { status: { conditions: before === undefined ? [] : [said(before)] } });
  const { writes, notices, requeueAfterMs } = decide({ member: seen, standby }, now);
  const [write] = writes;
  const object = write === undefined || write.verb === 'delete' ? undefined : (write.object as MemberCluster);
  const condition = findCondition(object?.status?.conditions, 'OneAgent');
  expect([condition && `${condition.status} ${condition.reason}`, requeueAfterMs]).toEqual(want);
  expect(notices.map(({ type, reason }) => `${type} ${reason}`)).toEqual(
    condition === undefined ? [] : [condition.status === 'True' ? 'Normal OneAgent' : 'Warning SecondAgent'],
  );
});

test('RG-11 the message names the second agent and says what to do', () => {
  const { notices } = decide({ member: member('m1'), standby: second }, now);
  expect(notices[0]?.message).toBe(
    'a second agent of this cluster runs: host/2. It does nothing and takes over when the one that acts ends, which the Lease quarterdeck-system/quarterdeck-agent of the cluster names. An update passes by itself; else stop one of them',
  );
});
