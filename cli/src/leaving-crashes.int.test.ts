import { AppliedWork, ConfigMap, MemberCluster, Work } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';
import { type Death, mortalLife } from './testing/mortal-client.ts';

/** The agent dies at each of its writes to a member that leaves, and another one goes on. */

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['m1']);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const within = { timeoutMs: 60_000 };
const isGone = { identity: 'test', isGone: () => true };
const kept = () => fleet.memberClient('m1').get(ConfigMap, { namespace: 'default', name: 'kept' });
const hasLeft = async () => (await fleet.admin.list(MemberCluster)).items.length === 0;

/** A member with a Work whose own policy is to delete. */
async function joined(wrap: ReturnType<typeof mortalLife>['wrap']) {
  const memberClient = wrap(fleet.memberClient('m1'));
  const agent = await fleet.join('m1', { agent: { memberClient, process: isGone } });
  await isAvailable(fleet.admin, 'm1');
  await fleet.admin.create(Work, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: {
      name: 'kept',
      namespace: 'member-m1',
      annotations: { 'quarterdeck.dev/deletion-policy': 'Delete' },
    },
    spec: {
      workload: {
        manifests: [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' }, data: { a: '1' } },
        ],
      },
    },
  });
  await eventually(async () => {
    const { status } = await fleet.admin.get(Work, { namespace: 'member-m1', name: 'kept' });
    return status?.conditions.some(({ type, status: is }) => type === 'Applied' && is === 'True');
  }, within);
  return agent;
}

/** @returns whether the agent died on the way */
async function leaves(death: Death): Promise<boolean> {
  const life = mortalLife();
  const first = await joined(life.wrap);
  const before = await kept();
  life.begin(death);
  await fleet.admin.delete(MemberCluster, { name: 'm1' });
  await eventually(async () => life.isDead || (await hasLeft()), within);
  const died = life.isDead;
  await first.agent.stop();
  if (died) {
    const { store } = first;
    const next = await fleet.join('m1', { store, useToken: 'none.none', agent: { process: isGone } });
    await eventually(hasLeft, within);
    await next.agent.stop();
  }
  const after = await kept();
  expect([after.metadata.uid, after.data], `the agent died ${death.moment} write ${death.write}`).toEqual([
    before.metadata.uid,
    { a: '1' },
  ]);
  return died;
}

test('RG-40, F-17 wherever the agent dies while its member leaves, what Works brought stays, and the leaving ends', async () => {
  let deaths = 0;
  for (let write = 1; write <= 8; write++) {
    if (!(await leaves({ write, moment: write % 2 === 0 ? 'after' : 'before' }))) break;
    deaths++;
  }
  expect(deaths).toBeGreaterThan(2);
  expect(await eventually(kept, within)).toBeDefined();
  const journals = (await fleet.memberClient('m1').list(AppliedWork)).items;
  expect(journals.map(({ metadata }) => metadata.name)).toEqual([]);
}, 580_000);
