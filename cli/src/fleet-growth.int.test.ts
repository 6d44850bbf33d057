import {
  ClusterProfile,
  conditionType,
  isConditionTrue,
  MemberCluster,
  Placement,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { type Hub, startHub } from '@quarterdeck/hub';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';
import { deploy } from './testing/fleet.ts';
import { joinLightMember, type LightMember } from './testing/light-member.ts';
import { requestCounts, visitCounts } from './testing/request-counts.ts';

/** What a member more, and a Work more, cost the hub in a small fleet and in one four times as large: as much each. */

const [small, large] = [8, 32];
/** How many join to see what one costs. */
const more = 4;
const patience = { timeoutMs: 60_000 };
let hub: Hub;
let token: string;
const members: LightMember[] = [];
beforeAll(async () => {
  hub = await startHub({
    database: { type: 'memory' },
    listen: { host: '127.0.0.1', port: 0 },
    logger: testLogger(),
  });
  const forAll = { clusterPattern: 'm*', clusterSet: 'default', labels: {}, reusable: true } as const;
  token = await createJoinToken(hub.adminClient, { ...forAll, acceptance: 'Accepted', ttlMs: 3_600_000 });
}, 60_000);
afterAll(async () => {
  for (const member of members) await member[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

type Counts = ReadonlyMap<string, number>;
/** By request and by controller, for each of so many. */
interface Cost {
  readonly counts: Counts;
  /** For what happens so many times a second, however much there is to do. */
  readonly seconds: number;
}

/** Writes and visits; not what goes by time: Leases, and sums that are told now and then. */
async function countAll(): Promise<Counts> {
  const byTime = /leases|clustersets\/status|worksets\/status|events/;
  const requests = [...(await requestCounts(hub))].filter(
    ([key]) => /^(POST|PUT|PATCH|DELETE) /.test(key) && !byTime.test(key),
  );
  const visits = [...(await visitCounts(hub))].map(([key, count]): [string, number] => [`visit of ${key}`, count]);
  return new Map([...requests, ...visits]);
}

/** Nothing was written between two looks. */
async function quiet(): Promise<Counts> {
  let last = '';
  await eventually(
    async () => {
      const now = JSON.stringify([...(await countAll())].filter(([key]) => !key.startsWith('visit')));
      const isQuiet = now === last;
      last = now;
      return isQuiet;
    },
    { ...patience, intervalMs: 200 },
  );
  return await countAll();
}

async function costOf(change: () => Promise<unknown>, ofHowMany: number): Promise<Cost> {
  const before = await quiet();
  const started = performance.now();
  await change();
  const after = await quiet();
  const grown = [...after].map(([key, count]): [string, number] => [key, (count - (before.get(key) ?? 0)) / ofHowMany]);
  return { counts: new Map(grown.filter(([, each]) => each > 0)), seconds: (performance.now() - started) / 1_000 };
}

/** Lets members join until there are so many, all of them known to be well. */
async function grow(size: number): Promise<void> {
  const names = Array.from({ length: size - members.length }, (_, index) => `m${members.length + index + 1}`).values();
  const lane = async () => {
    for (const name of names) members.push(await joinLightMember(hub, name, token));
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  const { Available, Joined } = conditionType.MemberCluster;
  await eventually(async () => {
    const { items } = await hub.adminClient.list(MemberCluster);
    const { items: profiles } = await hub.adminClient.list(ClusterProfile);
    const isWell = ({ status }: MemberCluster) =>
      [Available, Joined].every((type) => isConditionTrue(status?.conditions, type));
    const isShown = ({ status }: ClusterProfile) => isConditionTrue(status?.conditions, 'ControlPlaneHealthy');
    return items.filter(isWell).length === size && profiles.filter(isShown).length === size;
  }, patience);
}

const worksOf = async (name: string) =>
  (await hub.adminClient.list(Work, { labelSelector: `quarterdeck.dev/workset=${name}` })).items;

/** One WorkSet to all members. */
async function deliver(name: string): Promise<void> {
  await deploy(hub.adminClient, name, {}, []);
  await eventually(async () => (await worksOf(name)).length === members.length, patience);
  for (const member of members) await member.report(`${name}.${name}`);
  await eventually(async () => {
    const { status } = await hub.adminClient.get(WorkSet, { namespace: name, name });
    return status?.clusters?.available === members.length;
  }, patience);
}

async function withdraw(name: string): Promise<void> {
  await hub.adminClient.delete(WorkSet, { namespace: name, name });
  await eventually(async () => (await worksOf(name)).every(({ metadata }) => metadata.deletionTimestamp), patience);
  for (const member of members) await member.release(`${name}.${name}`);
  await eventually(async () => (await hub.adminClient.list(WorkSet, { namespace: name })).items.length === 0, patience);
}

/** A fleet of a size: a WorkSet to all of it, then a few members more, then the WorkSet goes. */
async function costsAt(size: number) {
  await grow(size);
  const name = `to-${size}`;
  const delivery = await costOf(() => deliver(name), size);
  const joining = await costOf(async () => {
    await grow(size + more);
    await eventually(async () => (await worksOf(name)).length === members.length, patience);
  }, more);
  const withdrawal = await costOf(() => withdraw(name), size + more);
  await hub.adminClient.delete(Placement, { namespace: name, name });
  return { delivery, joining, withdrawal };
}

/** What each costs more in the large fleet than in the small one, beyond what comes by chance of timing. */
const grown = (few: Cost, many: Cost): string[] =>
  [...many.counts].flatMap(([key, each]) => {
    const before = few.counts.get(key) ?? 0;
    return each <= 1.5 * before + 1 ? [] : [`${key}: ${each} instead of ${before}`];
  });

/** How often a controller came in all. */
const visitsOf = (controller: string, { counts }: Cost, ofHowMany: number) =>
  (counts.get(`visit of ${controller}`) ?? 0) * ofHowMany;

/** Each looks at all Works of its WorkSet: some ten times a second, however many of them change. */
const mostVisits = ({ seconds }: Cost) => 6 + 12 * seconds;

test('DL-40, RG-21 a member more, and a Work more, cost a large fleet no more than a small one', async () => {
  const few = await costsAt(small);
  const many = await costsAt(large);
  expect(grown(few.delivery, many.delivery)).toEqual([]);
  expect(grown(few.joining, many.joining)).toEqual([]);
  expect(grown(few.withdrawal, many.withdrawal)).toEqual([]);

  const { joining, delivery, withdrawal } = many;
  expect([...joining.counts].filter(([key]) => key.startsWith('POST '))).toEqual(
    expect.arrayContaining([
      ['POST memberclusters 201', 1],
      ['POST clusterprofiles 201', 1],
      ['POST namespaces 201', 1],
      ['POST roles 201', 1],
      ['POST rolebindings 201', 2],
      ['POST works 201', 1],
    ]),
  );
  // A member's role is a part of no other.
  expect(joining.counts.get('visit of clusterrole.aggregation')).toBeLessThan(2);
  // All tokens are read as one joins, and once more; joining may be seen by a second visit.
  expect((await requestCounts(hub)).get('LIST secrets 200')).toBeLessThanOrEqual(3 * members.length);
  for (const controller of ['workset.delivery', 'workset.status']) {
    expect(visitsOf(controller, delivery, large)).toBeLessThanOrEqual(mostVisits(delivery));
    expect(visitsOf(controller, withdrawal, large + more)).toBeLessThanOrEqual(mostVisits(withdrawal));
  }
}, 300_000);
