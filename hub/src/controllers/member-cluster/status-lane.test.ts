import { apiError, conditionType, type MemberCluster, type MemberClusterStatus, type Stored } from '@quarterdeck/apis';
import type { Client, InformerHandler } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { member } from '../../testing/builders.ts';
import { createMemberStatusLane } from './status-lane.ts';

const { signal } = new AbortController();
const { Accepted, Available } = conditionType.MemberCluster;
const at = (resourceVersion: number, status?: MemberClusterStatus): Stored<MemberCluster> =>
  member('m1', {
    metadata: { resourceVersion: `${resourceVersion}`, uid: 'uid-m1' },
    ...(status === undefined ? {} : { status }),
  });
const saying = (type: string): MemberClusterStatus => ({
  conditions: [{ type, status: 'True', reason: 'So', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
});
const typesOf = ({ status }: MemberCluster) => status?.conditions?.map(({ type }) => type);

/** A hub with one member, whose cache shows nothing by itself. */
function hubWith(first: Stored<MemberCluster>) {
  let stands = first;
  let shown: Stored<MemberCluster> | undefined = first;
  const handlers = new Set<InformerHandler<MemberCluster>>();
  const sent: Stored<MemberCluster>[] = [];
  const hubClient = {
    update: (_type: unknown, object: Stored<MemberCluster>) => {
      sent.push(object);
      if (object.metadata.resourceVersion !== stands.metadata.resourceVersion) {
        return Promise.reject(apiError('Conflict', 'a newer one is there'));
      }
      stands = at(Number(stands.metadata.resourceVersion) + 1, object.status);
      return Promise.resolve(stands);
    },
  };
  const clock = fakeClock();
  const members = {
    get: () => shown,
    subscribe: (handler: InformerHandler<MemberCluster>) => {
      handlers.add(handler);
      return () => undefined;
    },
  };
  const lane = createMemberStatusLane({ hubClient: hubClient as unknown as Client, members, clock });
  return {
    lane,
    clock,
    sent,
    stands: () => stands,
    /** Somebody else writes. */
    becomes: (object: Stored<MemberCluster>) => {
      stands = object;
    },
    show: (object: Stored<MemberCluster>) => {
      const change = { key: 'm1', type: 'modified', object, old: shown ?? object } as const;
      shown = object;
      for (const handler of handlers) handler(change);
    },
  };
}

test('RL-4 changes of one member that come together are one write, of the version that was seen', async () => {
  const { lane, clock, sent, stands } = hubWith(at(7));
  const both = Promise.all([
    lane.change(at(7), saying(Accepted), signal),
    lane.change(at(7), saying(Available), signal),
    lane.change(at(7), { namespace: 'member-m1' }, signal),
  ]);
  await clock.advance(10);
  await both;
  expect(sent.map(({ metadata }) => metadata.resourceVersion)).toEqual(['7']);
  expect([typesOf(stands()), stands().status?.namespace]).toEqual([[Accepted, Available], 'member-m1']);
});

test('what comes while a write is under way follows it, upon what it made, before the cache shows it', async () => {
  const { lane, clock, sent, stands } = hubWith(at(7));
  const first = lane.change(at(7), saying(Accepted), signal);
  await clock.advance(10);
  const second = lane.change(at(7), saying(Available), signal);
  await clock.advance(10);
  await Promise.all([first, second]);
  expect(sent.map(({ metadata }) => metadata.resourceVersion)).toEqual(['7', '8']);
  expect(typesOf(stands())).toEqual([Accepted, Available]);
});

test('what stands already is not written', async () => {
  const { lane, clock, sent } = hubWith(at(7, saying(Accepted)));
  const done = lane.change(at(6), saying(Accepted), signal);
  await clock.advance(10);
  await done;
  expect(sent).toEqual([]);
});

test('RL-4 a decision about a part that changed meanwhile, or about another cluster of the name, is made anew', async () => {
  const { lane, clock, sent } = hubWith(at(7, { clusterUID: 'b' }));
  const stale = lane.change(at(6, { clusterUID: 'a' }), { clusterUID: 'c' }, signal);
  const other = lane.change(member('m1', { metadata: { uid: 'before' } }), saying(Accepted), signal);
  const refused = Promise.allSettled([stale, other]);
  await clock.advance(10);
  const conflict = { status: 'rejected', reason: expect.objectContaining({ code: 409 }) };
  expect([await refused, sent]).toEqual([[conflict, conflict], []]);
});

test('RL-4 what others wrote is never overwritten: the write is refused, and all who changed look again', async () => {
  const { lane, clock, becomes, stands, show } = hubWith(at(7));
  becomes(at(8, saying(Available)));
  const refused = Promise.allSettled([
    lane.change(at(7), saying(Accepted), signal),
    lane.change(at(7), { namespace: 'member-m1' }, signal),
  ]);
  await clock.advance(10);
  expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  show(stands());
  const again = lane.change(stands(), { ...stands().status, namespace: 'member-m1' }, signal);
  await clock.advance(10);
  await again;
  expect([typesOf(stands()), stands().status?.namespace]).toEqual([[Available], 'member-m1']);
});
