import { conditionType, isConditionTrue, type Manifest, Work, WorkReport, WorkSet } from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy, isAvailable, startTestFleet, type TestFleet } from './testing/fleet.ts';
import { requestCounts, requestsBetween } from './testing/request-counts.ts';

/** What the delivery of a WorkSet costs the hub in writes: so many for each member, whatever their number. */

const names = ['m1', 'm2', 'm3', 'm4', 'm5'];
const n = names.length;
let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(names);
  await Promise.all(names.map((name) => fleet.join(name)));
  for (const name of names) await isAvailable(fleet.admin, name);
}, 60_000);
afterAll(() => fleet[Symbol.asyncDispose]());

/** What is healthy when it is there, and gone when it is deleted. */
const manifests = (text: string): Manifest[] => [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'text', namespace: 'default' }, data: { text } },
];

/** The writes of Works, reports and sums that `change` brings about until it is over. */
async function costOf(change: () => Promise<unknown>, isOver: () => Promise<unknown>) {
  const before = await requestCounts(fleet.hub);
  const started = performance.now();
  await change();
  await eventually(isOver, { timeoutMs: 30_000 });
  const cost = requestsBetween(before, await requestCounts(fleet.hub), ['works', 'workreports', 'worksets']);
  // Reports go in their own time, by the garbage collector.
  const { 'PUT worksets/status 200': sums = 0, 'DELETE workreports 200': _, ...rest } = cost;
  return { rest, sums, halfSeconds: (performance.now() - started) / 500 };
}

const isDelivered = async (generation: number) => {
  const { metadata, status } = await fleet.admin.get(WorkSet, { namespace: 'shop', name: 'shop' });
  const { Available, Progressing } = conditionType.WorkSet;
  if (metadata.generation !== generation || !isConditionTrue(status?.conditions, Available, generation)) return false;
  if (isConditionTrue(status?.conditions, Progressing)) return false;
  // An agent writes the report after the status that the sum is of.
  const { items: works } = await fleet.admin.list(Work);
  const { items: reports } = await fleet.admin.list(WorkReport);
  return works.every((work) =>
    reports.some(
      (report) =>
        report.metadata.namespace === work.metadata.namespace &&
        report.status?.observedWorkGeneration === work.metadata.generation,
    ),
  );
};

/** Verdicts are told as they change: that it is being applied, and that all of it is; counts at most twice a second. */
const mostSums = 5;

test('DL-40, DL-23, DL-48 a Work costs one write to deliver, one status and one report, and nothing is refused', async () => {
  const created = await costOf(
    () => deploy(fleet.admin, 'shop', {}, manifests('one')),
    () => isDelivered(1),
  );
  expect(created.rest).toEqual({
    'POST works 201': n,
    'PUT works/status 200': n,
    'PATCH workreports 201': n,
    'POST worksets 201': 1,
    'PUT worksets 200': 1, // its finalizer
  });
  expect(created.sums).toBeLessThanOrEqual(mostSums + created.halfSeconds);

  const spec = { workload: { manifests: manifests('two') } };
  const changed = await costOf(
    () => fleet.admin.patch(WorkSet, { namespace: 'shop', name: 'shop' }, { type: 'merge', body: { spec } }),
    () => isDelivered(2),
  );
  expect(changed.rest).toEqual({
    'PUT works 200': n,
    'PUT works/status 200': n,
    'PATCH workreports 200': n,
    'PATCH worksets 200': 1,
  });
  expect(changed.sums).toBeLessThanOrEqual(mostSums + changed.halfSeconds);

  const removed = await costOf(
    () => fleet.admin.delete(WorkSet, { namespace: 'shop', name: 'shop' }),
    async () => (await fleet.admin.list(WorkSet)).items.length === 0,
  );
  expect(removed.rest).toEqual({
    'DELETE works 200': n,
    'PUT works 200': n, // off goes the finalizer
    'DELETE worksets 200': 1,
    'PUT worksets 200': 1,
  });
}, 120_000);
