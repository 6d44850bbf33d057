import {
  apiError,
  type Condition,
  conditionType,
  type KubeObject,
  MemberCluster,
  type MemberClusterStatus,
  Node,
  type ResourceType,
} from '@quarterdeck/apis';
import type { Client, Informer, WatchEvent, WatchOptions } from '@quarterdeck/machinery';
import { fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { runMemberStatus } from './controller.ts';

/** A node that says it is ready, or not, whenever a test says so, on a member that may stop to answer. */
function memberWithNode() {
  let ready = true;
  let trouble: Trouble | undefined;
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
    getRaw: (path: string, { signal }: CallOptions) =>
      trouble?.(signal) ?? Promise.resolve(path === '/version' ? { gitVersion: 'v1.35.4' } : { groups: [] }),
    list: (_type: ResourceType, { signal }: CallOptions) =>
      trouble?.(signal) ?? Promise.resolve({ items: [], metadata: { resourceVersion: '5' } }),
    async *watch({ kind }: ResourceType, { signal }: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>> {
      if (kind === Node.kind) yield { type: 'ADDED', object: node() };
      yield { type: 'BOOKMARK', resourceVersion: '5', initialEventsEnd: true };
      for (;;) {
        const pushed = new Promise<void>((resolve) => {
          if (kind === Node.kind) push = resolve;
        });
        await Promise.race([pushed, never(signal)]);
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
    /** Answers every request but watches so. */
    answer(how: Trouble) {
      trouble = how;
    },
  };
}

type Trouble = (signal: AbortSignal | undefined) => Promise<never>;

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Ends with the signal only. */
const never = (signal: AbortSignal | undefined) =>
  new Promise<never>((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

/** Reports of a member, kept as a hub would. */
async function startReports(client: Client) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const toldAt: number[] = [];
  let status: MemberClusterStatus | undefined;
  let hear: ((change: { object: MemberCluster; old: MemberCluster }) => void) | undefined;
  const known = () => stored<MemberCluster>({ ...frame, ...(status === undefined ? {} : { status }) });
  const hubClient = {
    apply: (_type: unknown, object: MemberCluster) => {
      // What the hub says of the Lease stands beside what the agent says.
      const ofHub = status?.conditions?.filter(({ type }) => type === HubLeaseCurrent) ?? [];
      status = { ...object.status, conditions: [...(object.status?.conditions ?? []), ...ofHub] };
      toldAt.push(clock.monotonic());
      return Promise.resolve(object);
    },
  } as unknown as Client;
  const member = {
    synced: Promise.resolve(),
    get: () => (status === undefined ? undefined : known()),
    subscribe: (handler: typeof hear) => {
      hear = handler;
      return () => {
        hear = undefined;
      };
    },
  } as unknown as Informer<MemberCluster>;
  const running = runMemberStatus(
    {
      hubClient,
      memberClient: client,
      clusterName: 'm1',
      agentVersion: '1.0.0',
      identity: {
        describe: () => ({ make: 'certificate', trustedCAs: [], expires: '2027-01-01T00:00:00Z' }),
      },
      kinds: { problem: undefined },
      member,
      clock,
      logger: testLogger(),
    },
    stopping.signal,
  );
  await clock.advance(30_000);
  return {
    clock,
    toldAt,
    status: () => status,
    health: () => status?.conditions?.find(({ type }) => type === ControlPlaneHealthy)?.status,
    why: () => status?.conditions?.find(({ type }) => type === ControlPlaneHealthy)?.message,
    /** The hub writes these of its conditions. */
    hubSays(...conditions: Condition[]) {
      const old = known();
      const types = conditions.map(({ type }) => type);
      const others = status?.conditions?.filter(({ type }) => !types.includes(type)) ?? [];
      status = { ...status, conditions: [...others, ...conditions] };
      hear?.({ object: known(), old });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('done'));
      await running;
      expect([hear, clock.pendingTimers()]).toEqual([undefined, 0]);
    },
  };
}

const { ControlPlaneHealthy, HubLeaseCurrent } = conditionType.MemberCluster;

test('CI-27, RG-32 a node that flaps is told ten times at most and then each half a minute, and in the end as it is', async () => {
  const member = memberWithNode();
  await using reports = await startReports(member.client);
  const { clock, toldAt, status } = reports;
  expect(status()?.nodes).toEqual({ total: 1, ready: 1 });
  const flapMs = 600_000;
  for (let ms = 0; ms < flapMs; ms += 3_000) {
    member.say((ms / 3_000) % 2 === 1);
    await clock.advance(3_000);
  }
  expect(toldAt.length).toBeGreaterThan(10);
  expect(toldAt.length).toBeLessThanOrEqual(10 + (flapMs + 30_000) / 30_000);
  member.say(false);
  await clock.advance(45_000);
  expect([status()?.nodes, status()?.allocatable]).toEqual([{ total: 1, ready: 0 }, {}]);
});

test('RG-30, RG-32 a member that leaves every request without an answer is told of as soon as one that refuses them', async () => {
  const member = memberWithNode();
  await using reports = await startReports(member.client);
  expect(reports.health()).toBe('True');
  member.answer(never);
  const at = reports.clock.monotonic();
  // The next look, 20 s that it must last, and what a look takes; pods are due to be counted meanwhile.
  await reports.clock.advance(60_000);
  expect(reports.health()).toBe('False');
  expect((reports.toldAt.at(-1) ?? 0) - at).toBeLessThan(45_000);
  expect([reports.status()?.nodes, reports.status()?.version]).toEqual([
    { total: 1, ready: 1 },
    { kubernetes: '1.35.4' },
  ]);
});

test('RG-30 a member that refuses the credential of its agent: what to do is told with it', async () => {
  const member = memberWithNode();
  member.answer(() => Promise.reject(apiError('Unauthorized', 'Unauthorized')));
  await using reports = await startReports(member.client);
  expect([reports.health(), reports.why()]).toEqual([
    'False',
    '/readyz of the member: Unauthorized; the member does not take the credential of its own agent: give that another one (--kubeconfig, or its service account)',
  ]);
});

test('RG-30, CP-45 nothing is told while the hub has lost contact, and how the member is as soon as it is heard again', async () => {
  const member = memberWithNode();
  await using reports = await startReports(member.client);
  const { clock, toldAt } = reports;
  const before = toldAt.length;
  const lost = { message: '', lastTransitionTime: '2026-01-01T00:01:00Z' };
  reports.hubSays(
    { type: HubLeaseCurrent, status: 'False', reason: 'LeaseNotRenewed', ...lost },
    { type: ControlPlaneHealthy, status: 'Unknown', reason: 'LeaseExpired', ...lost },
  );
  await clock.advance(60_000);
  expect([toldAt.length, reports.health()]).toEqual([before, 'Unknown']);
  reports.hubSays({ type: HubLeaseCurrent, status: 'True', reason: 'LeaseRenewed', ...lost });
  await clock.advance(2_000);
  expect([toldAt.length, reports.health()]).toEqual([before + 1, 'True']);
});

const frame = {
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: MemberCluster.kind,
  metadata: { name: 'm1' },
  spec: {},
} as MemberCluster;
