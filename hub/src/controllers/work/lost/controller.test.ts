import { type Condition, type MemberCluster, type Stored, Work } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { member, stored } from '../../../testing/builders.ts';
import { startShownWorld } from '../../../testing/shown-world.ts';
import { workLost } from './controller.ts';

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionTime: '1970-01-01T00:00:00Z',
});
const memberIs = (status: Condition['status'], reason: string): Stored<MemberCluster> =>
  member('m1', { status: { conditions: [condition('HubLeaseCurrent', status, reason)] } });
const report = (reason: string): Stored<Work> =>
  stored(Work, 'app', {
    metadata: { namespace: 'member-m1' },
    status: { conditions: [condition('Applied', 'True', reason)] },
  });

test('WK-39 the reports of a member that is heard are no visit; its loss is, and what is reported after it', async () => {
  await using world = await startShownWorld(workLost);
  await world.show(memberIs('True', 'LeaseRenewed'));
  await world.show(report('First'));
  const before = await world.visits();
  await world.show(report('Second'));
  await world.show(report('Third'));
  expect([await world.visits(), world.sent]).toEqual([before, []]);
  await world.show(memberIs('False', 'LeaseNotRenewed'));
  const told = 'update status of Work member-m1/app';
  expect(world.sent).toEqual([told]);
  await world.show(report('Late'));
  expect(world.sent).toEqual([told, told]);
});
