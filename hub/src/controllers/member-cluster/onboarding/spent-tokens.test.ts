import { Lease, type MemberCluster, Secret, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { FleetCaches } from '../../../fleet/caches.ts';
import { bindTokenSecret, joinTokenSecret } from '../../../registration/join-token.ts';
import { member, stored } from '../../../testing/builders.ts';
import { createTokenSearch } from './spent-tokens.ts';

const start = Date.UTC(2026, 0, 1);
const lease = stored(Lease, 'l', {});
const encoded = (text: string) => Buffer.from(text).toString('base64');

/** A token that a cluster used so long after the start. */
function tokenOf(identity: string, id: string, boundAfterMs = 0): Stored<Secret> {
  const asked = {
    id,
    secret: 's',
    clusterPattern: 'm1',
    clusterSet: 'default',
    labels: {},
    acceptance: 'Accepted',
  } as const;
  const { stringData = {}, ...rest } = joinTokenSecret({ ...asked, reusable: false, expiresAt: start + 3_600_000 });
  const data = Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, encoded(text)]));
  return stored(Secret, rest.metadata.name ?? '', {
    ...bindTokenSecret({ ...rest, data }, identity, start + boundAfterMs),
  });
}

/** @param heardAfterMs undefined: it has not joined */
function m1(heardAfterMs?: number): Stored<MemberCluster> {
  if (heardAfterMs === undefined) return member('m1', { status: { clusterUID: 'uid-a' } });
  const lastTransitionTime = new Date(start + heardAfterMs).toISOString();
  const conditions = ['Joined', 'HubLeaseCurrent'].map(
    (type) => ({ type, status: 'True', reason: 'R', message: '', lastTransitionTime }) as const,
  );
  return member('m1', { status: { clusterUID: 'uid-a', conditions } });
}

function searching({ heard = true, tokens = [] as Stored<Secret>[] } = {}) {
  const clock = fakeClock(start);
  const counted = { lists: 0 };
  const hubClient = {
    list: () => {
      counted.lists++;
      return Promise.resolve({ items: tokens });
    },
  } as unknown as Client;
  const caches = { leases: { get: () => (heard ? lease : undefined) } } as unknown as FleetCaches;
  const search = createTokenSearch({ hubClient, caches, clock });
  const namesFor = async (of: Stored<MemberCluster>) => {
    const { spentTokens, lookAgainMs } = await search.spentBy(of);
    return { names: spentTokens.map(({ metadata }) => metadata.name), lookAgainMs };
  };
  return { clock, counted, namesFor };
}

test('RG-2 tokens are not looked for before the cluster is heard of', async () => {
  const { counted, namesFor } = searching({ heard: false, tokens: [tokenOf('m1/uid-a', 'aaaaaa')] });
  expect(await namesFor(m1())).toEqual({ names: [], lookAgainMs: undefined });
  expect(counted.lists).toBe(0);
});

test('RG-2 at its first heartbeat the token that is bound to it is spent, and none of another', async () => {
  const { namesFor } = searching({ tokens: [tokenOf('m1/uid-a', 'aaaaaa'), tokenOf('m1/uid-b', 'bbbbbb')] });
  expect(await namesFor(m1())).toEqual({ names: ['bootstrap-token-aaaaaa'], lookAgainMs: undefined });
});

test('RG-2 of a cluster that has joined they are looked for once more, whatever else happens to it', async () => {
  const { clock, counted, namesFor } = searching();
  for (let visit = 0; visit < 5; visit++) expect((await namesFor(m1(0))).lookAgainMs).toBe(2_001);
  expect(counted.lists).toBe(0);
  await clock.advance(2_001);
  for (let visit = 0; visit < 5; visit++) {
    expect(await namesFor(m1(0))).toEqual({ names: [], lookAgainMs: undefined });
  }
  expect(counted.lists).toBe(1);
});

test('RG-8 one that is heard of again has its new token spent, not one that it uses after that', async () => {
  const { clock, namesFor } = searching({
    tokens: [tokenOf('m1/uid-a', 'aaaaaa', 58_000), tokenOf('m1/uid-a', 'bbbbbb', 62_000)],
  });
  await clock.advance(63_000);
  expect((await namesFor(m1(60_000))).names).toEqual(['bootstrap-token-aaaaaa']);
});

test('RG-2 they are found at last when the clock of the hub is set back', async () => {
  const { clock, namesFor } = searching({ tokens: [tokenOf('m1/uid-a', 'aaaaaa')] });
  clock.jump(-3_600_000);
  expect((await namesFor(m1(0))).lookAgainMs).toBe(2_001);
});
