import { type AgentOptions, joinOnce, memoryStateStore, startAgent } from '@quarterdeck/agent';
import { memoryWorkCache } from '@quarterdeck/agent/testing';
import { AppliedWork, ClusterProperty, ignoreNotFound, Lease, MemberCluster } from '@quarterdeck/apis';
import { startHub } from '@quarterdeck/hub';
import { createMetrics } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';
import { isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';
import { serverAway, troubledClient } from './testing/troubled-client.ts';

/** What an agent keeps, in the hands of an agent for which it was not made: a copied, shared or outlived state directory. */

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['m1', 'm2', 'twin', 'late', 'mover']);
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const within = { timeoutMs: 40_000 };
const noToken = { token: () => Promise.resolve(undefined) };

/** As an agent begins at a member; not started. */
const optionsFor = (name: string, more: Partial<AgentOptions>): AgentOptions => ({
  clusterName: name,
  hubUrl: fleet.hub.url,
  trust: { caHash: fleet.hub.caHash },
  memberClient: fleet.memberClient(name),
  store: memoryStateStore(),
  logger: fleet.logger,
  metrics: createMetrics(),
  ...noToken,
  ...more,
});

/** Whether an agent has ever begun its work at a member. */
const isUntouched = async (name: string) => {
  const lease = { namespace: 'quarterdeck-system', name: 'quarterdeck-agent' };
  return (await ignoreNotFound(fleet.memberClient(name).get(Lease, lease))) === undefined;
};

test('RG-4 the state of another cluster lets no agent begin, joins nothing, and stays as it is', async () => {
  const { store } = await fleet.join('m1');
  await isAvailable(fleet.admin, 'm1');
  const before = await store.load();
  const refusal = 'the state that this agent was given is that of m1, not of m2';
  const workCache = memoryWorkCache();
  await workCache.save({ hubUrl: fleet.hub.url, hubUID: 'u', hubNamespace: 'member-m1', works: [], reports: [] });

  await using agent = startAgent(optionsFor('m2', { store, workCache }));
  await expect(agent.ready).rejects.toThrow(refusal);
  const joining = joinOnce(optionsFor('m2', { store, token: () => Promise.resolve('abcdef.0123456789abcdef') }), never);
  await expect(joining).rejects.toThrow(refusal);
  expect(await store.load()).toEqual(before);
  expect(await isUntouched('m2')).toBe(true);
}, 60_000);

const never = new AbortController().signal;

test('RG-4 the identity of a cluster of this name that is another one is not used, and joining anew is judged by the hub', async () => {
  const { agent, store } = await fleet.join('twin');
  await isAvailable(fleet.admin, 'twin');
  await agent.stop();
  const at = { clusterName: 'twin', memberClient: fleet.memberClient('m2'), store };

  await using other = startAgent(optionsFor('m2', at));
  other.ready.catch(() => {}); // it never is
  await eventually(() => fleet.logger.lines.some(({ why }) => why === 'otherCluster'), within);
  await other.stop();
  expect(await isUntouched('m2')).toBe(true);
  expect(await fleet.memberClient('m2').list(AppliedWork).catch(String)).toContain('could not find');

  const token = await createJoinToken(fleet.admin, {
    clusterPattern: 'twin',
    clusterSet: 'default',
    labels: {},
    acceptance: 'Accepted',
    reusable: false,
    ttlMs: 600_000,
  });
  const joining = joinOnce(optionsFor('m2', { ...at, token: () => Promise.resolve(token) }), never);
  await expect(joining).rejects.toThrow('another cluster is registered as MemberCluster twin');
}, 60_000);

test('RG-4 a member that was away as the agent started is looked at once it answers', async () => {
  const { agent, store } = await fleet.join('late');
  await isAvailable(fleet.admin, 'late');
  await agent.stop();
  let isAway = true;
  const memberClient = troubledClient(fleet.memberClient('m2'), () => (isAway ? serverAway('the member') : undefined));
  await using other = startAgent(optionsFor('m2', { clusterName: 'late', memberClient, store }));
  other.ready.catch(() => {}); // looked at below
  const isHeard = () =>
    fleet.logger.lines.some(
      ({ cluster, msg }) => cluster === 'late' && msg === 'the member is not ready for the agent; trying again',
    );
  await eventually(isHeard, within);
  isAway = false;
  await expect(other.ready).rejects.toThrow('is of another cluster of this name');
  const properties = await fleet.memberClient('m2').list(ClusterProperty);
  expect(properties.items).toEqual([]);
}, 60_000);

test('RG-10 a member moves to a hub of another CA by the join command of that one, and has joined when that is said', async () => {
  await using second = await startHub({
    database: { type: 'memory' },
    listen: { host: '127.0.0.1', port: 0 },
    logger: fleet.logger,
  });
  const { agent, store } = await fleet.join('mover');
  await isAvailable(fleet.admin, 'mover');
  await agent.stop();
  const there = { hubUrl: second.url, trust: { caHash: second.caHash }, store };

  await expect(joinOnce(optionsFor('mover', there), never)).rejects.toThrow('mover needs a bootstrap token to join');
  const token = await createJoinToken(second.adminClient, {
    clusterPattern: 'mover',
    clusterSet: 'default',
    labels: {},
    acceptance: 'Accepted',
    reusable: false,
    ttlMs: 600_000,
  });
  await joinOnce(optionsFor('mover', { ...there, token: () => Promise.resolve(token) }), never);
  expect((await second.adminClient.get(MemberCluster, { name: 'mover' })).spec.acceptance).toBe('Accepted');
  // A second time there is nothing to do, and no token is needed.
  await joinOnce(optionsFor('mover', there), never);
}, 90_000);
