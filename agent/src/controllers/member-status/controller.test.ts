import { type KubeObject, MemberCluster, type MemberClusterStatus, Node, type ResourceType } from '@quarterdeck/apis';
import type { Client, Informer, WatchEvent, WatchOptions } from '@quarterdeck/machinery';
import { fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { runMemberStatus } from './controller.ts';

/** A node that says it is ready, or not, whenever a test says so. */
function memberWithNode() {
  let ready = true;
  let push: (() => void) | undefined;
  const node = () =>
    stored<KubeObject>({
      apiVersion: 'v1',
      kind: Node.kind,
      metadata: { name: 'n', resourceVersion: '5' },
      status: {
        capacity: { cpu: '4' },
        allocatable: { cpu: '4' },
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      },
    } as KubeObject);
  const client = {
    getRaw: (path: string) => Promise.resolve(path === '/version' ? { gitVersion: 'v1.35.4' } : { groups: [] }),
    list: () => Promise.resolve({ items: [], metadata: { resourceVersion: '5' } }),
    async *watch({ kind }: ResourceType, { signal }: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>> {
      if (kind === Node.kind) yield { type: 'ADDED', object: node() };
      yield { type: 'BOOKMARK', resourceVersion: '5', initialEventsEnd: true };
      for (;;) {
        await new Promise<void>((resolve, reject) => {
          if (kind === Node.kind) push = resolve;
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
        yield { type: 'MODIFIED', object: node() };
      }
    },
  };
  return {
    client: client as unknown as Client,
    say(isReady: boolean) {
      ready = isReady;
      push?.();
    },
  };
}

test('CI-27, RG-32 a node that flaps is told ten times at most and then each half a minute, and in the end as it is', async () => {
  const clock = fakeClock();
  const stopping = new AbortController();
  const member = memberWithNode();
  let status: MemberClusterStatus | undefined;
  const toldAt: number[] = [];
  const hubClient = {
    apply: (_type: unknown, object: MemberCluster) => {
      status = object.status;
      toldAt.push(clock.monotonic());
      return Promise.resolve(object);
    },
  } as unknown as Client;
  const known = {
    synced: Promise.resolve(),
    get: () => (status === undefined ? undefined : stored<MemberCluster>({ ...frame, status })),
  } as unknown as Informer<MemberCluster>;
  const running = runMemberStatus(
    {
      hubClient,
      memberClient: member.client,
      clusterName: 'm1',
      agentVersion: '1.0.0',
      identity: {
        describe: () => ({ make: 'certificate', trustedCAs: [], expires: '2027-01-01T00:00:00Z' }),
      },
      kinds: { problem: undefined },
      member: known,
      clock,
      logger: testLogger(),
    },
    stopping.signal,
  );
  await clock.advance(30_000);
  expect(status?.nodes).toEqual({ total: 1, ready: 1 });
  const flapMs = 600_000;
  for (let ms = 0; ms < flapMs; ms += 3_000) {
    member.say((ms / 3_000) % 2 === 1);
    await clock.advance(3_000);
  }
  expect(toldAt.length).toBeGreaterThan(10);
  expect(toldAt.length).toBeLessThanOrEqual(10 + (flapMs + 30_000) / 30_000);
  member.say(false);
  await clock.advance(45_000);
  expect([status?.nodes, status?.allocatable]).toEqual([{ total: 1, ready: 0 }, {}]);
  stopping.abort(new Error('done'));
  await running;
});

const frame = {
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: MemberCluster.kind,
  metadata: { name: 'm1' },
  spec: {},
} as MemberCluster;
