import { apiError, type KubeObject, type Lease } from '@quarterdeck/apis';
import { type Client, ConnectionError, type Logger, silentLogger } from '@quarterdeck/machinery';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { runHeartbeat } from './heartbeat.ts';

type Answer = 'ok' | 'away' | 'silent' | 'refused' | 'stranger';

/** Stands for the Lease on the hub. */
function leaseOnHub(hasLease = true) {
  const beats: string[] = [];
  let lease: Partial<Lease> | undefined = hasLease ? {} : undefined;
  const hub = { answer: 'ok' as Answer };
  const reply = (signal: AbortSignal | undefined, act: () => unknown): Promise<unknown> => {
    if (hub.answer === 'away') return Promise.reject(apiError('ServiceUnavailable', 'away'));
    if (hub.answer === 'stranger') {
      const cause = new ConnectionError('untrusted', 'SELF_SIGNED_CERT_IN_CHAIN');
      return Promise.reject(apiError('ServiceUnavailable', 'untrusted', undefined, { cause }));
    }
    if (hub.answer === 'refused') return Promise.reject(apiError('Forbidden', 'no right'));
    if (hub.answer === 'silent') {
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    }
    return Promise.resolve().then(act);
  };
  const client = {
    patch: (
      _type: unknown,
      _ref: unknown,
      patch: { body: { spec: { renewTime: string } } },
      { signal }: { signal?: AbortSignal },
    ) =>
      reply(signal, () => {
        if (lease === undefined) throw apiError('NotFound', 'no lease');
        beats.push(`renew ${patch.body.spec.renewTime}`);
      }),
    create: (_type: unknown, object: KubeObject, { signal }: { signal?: AbortSignal }) =>
      reply(signal, () => {
        lease = object as Lease;
        beats.push(`create ${lease.spec?.renewTime}`);
      }),
  };
  return Object.assign(hub, { beats, client: client as unknown as Client, drop: () => (lease = undefined) });
}

function start(
  hub: ReturnType<typeof leaseOnHub>,
  random = 0.5,
  logger: Logger = silentLogger,
  heard: (isTaken: boolean, isKnown: boolean) => void = () => {},
) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const options = {
    hubClient: hub.client,
    hubNamespace: 'member-m1',
    clusterName: 'm1',
    heard,
    clock,
    logger,
    random: () => random,
  };
  const ended = runHeartbeat(options, stopping.signal);
  const stop = () => {
    stopping.abort(new Error('stop'));
    return ended;
  };
  return { clock, stop };
}

test('RG-30 the Lease is renewed every 10 s', async () => {
  const hub = leaseOnHub();
  const { clock, stop } = start(hub);
  await clock.advance(30_000);
  expect(hub.beats).toEqual(
    [0, 10, 20, 30].map((second) => `renew 2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`),
  );
  await stop();
  expect(clock.pendingTimers()).toBe(0);
});

test.each([
  { random: 0, beats: 4 },
  { random: 1, beats: 3 },
])('RG-30 beats spread by a tenth: luck $random', async ({ random, beats }) => {
  const hub = leaseOnHub();
  const { clock, stop } = start(hub, random);
  await clock.advance(29_000);
  expect(hub.beats).toHaveLength(beats);
  await stop();
});

test('RG-30 a missing Lease is made at once, also later', async () => {
  const hub = leaseOnHub(false);
  const { clock, stop } = start(hub);
  await clock.advance(0);
  hub.drop();
  await clock.advance(10_000);
  expect(hub.beats.map((beat) => beat.split(' ')[0])).toEqual(['create', 'create']);
  await stop();
});

test('F-13 a hub that does not answer costs one beat, not the Lease', async () => {
  const hub = leaseOnHub();
  const { clock, stop } = start(hub);
  await clock.advance(10_000);
  hub.answer = 'silent';
  await clock.advance(12_000);
  hub.answer = 'ok';
  await clock.advance(10_000);
  const seconds = hub.beats.map((beat) => Number(beat.slice(-10, -8)));
  expect(Math.max(...seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0)))).toBeLessThan(40);
  expect(hub.beats.length).toBeGreaterThan(2);
  await stop();
});

test.each([
  {
    name: 'RG-22 a refusal is told as one: the hub was reached, and its MemberCluster says why',
    answer: 'refused' as const,
    want: /^the hub refuses the heartbeat of this agent: the member may be denied or removed/,
    told: ['false true', 'true true'],
  },
  {
    name: 'RG-8, RG-9 who shows a CA that the agent does not know is told as a stranger, with the way back',
    answer: 'stranger' as const,
    want: /^the agent does not know who answers for the hub: .* a new join command of it, with its --ca-hash/,
    told: ['true true'],
  },
])('$name', async ({ answer, want, told }) => {
  const hub = leaseOnHub();
  hub.answer = answer;
  const logger = testLogger();
  const heard: string[] = [];
  const { clock, stop } = start(hub, 0.5, logger, (isTaken, isKnown) => heard.push(`${isTaken} ${isKnown}`));
  await clock.advance(1_000);
  expect(logger.messages('warn')[0]).toMatch(want);
  hub.answer = 'ok';
  await clock.advance(5_000);
  expect(heard).toEqual(told);
  await stop();
});

test('RG-30, RG-41 while the hub is away or refuses it goes on trying, twice as often, and says so once, then now and then', async () => {
  const hub = leaseOnHub();
  hub.answer = 'away';
  const logger = testLogger();
  const clock = fakeClock();
  const stopping = new AbortController();
  const options = {
    hubClient: hub.client,
    hubNamespace: 'member-m1',
    clusterName: 'm1',
    clock,
    logger,
    random: () => 0.5,
  };
  const ended = runHeartbeat(options, stopping.signal);
  await clock.advance(20_000);
  const away = 'the heartbeat did not reach the hub';
  expect(logger.messages('warn')).toEqual([away]);
  expect(logger.messages('debug')).toEqual(Array(4).fill(away));
  hub.answer = 'refused';
  await clock.advance(610_000);
  const refused = expect.stringMatching(/^the hub refuses the heartbeat of this agent/);
  expect(logger.messages('warn')).toEqual([away, refused, refused]);
  hub.answer = 'ok';
  await clock.advance(5_000);
  expect(hub.beats).toHaveLength(1);
  expect(logger.messages('info')).toEqual(['the hub takes the heartbeat again']);
  stopping.abort(new Error('stop'));
  await ended;
});

test('F-20 a jump of the wall clock moves no beat', async () => {
  const hub = leaseOnHub();
  const { clock, stop } = start(hub);
  clock.jump(3_600_000);
  await clock.advance(10_000);
  clock.jump(-7_200_000);
  await clock.advance(10_000);
  expect(hub.beats).toHaveLength(3);
  await stop();
});

test('RG-11 an agent that waits renews a Lease beside the one of the agent that acts, and takes that one when it acts', async () => {
  const clock = fakeClock();
  const stopping = new AbortController();
  const beats: string[] = [];
  const known = new Set<string>();
  const client = {
    patch: (_type: unknown, { name }: { name: string }, { body }: { body: { spec: { holderIdentity: string } } }) => {
      if (!known.has(name)) return Promise.reject(apiError('NotFound', 'no lease'));
      beats.push(`renew ${name} ${body.spec.holderIdentity}`);
      return Promise.resolve({});
    },
    create: (_type: unknown, { metadata, spec }: Lease) => {
      known.add(metadata.name ?? '');
      beats.push(`create ${metadata.name} ${spec?.holderIdentity}`);
      return Promise.resolve({});
    },
  } as unknown as Client;
  let isStandby = true;
  const ended = runHeartbeat(
    {
      hubClient: client,
      hubNamespace: 'member-m1',
      clusterName: 'm1',
      isStandby: () => isStandby,
      agentName: 'host/2',
      clock,
      logger: silentLogger,
      random: () => 0.5,
    },
    stopping.signal,
  );
  await clock.advance(10_000);
  isStandby = false;
  await clock.advance(10_000);
  expect(beats).toEqual([
    'create quarterdeck-agent-standby host/2',
    'renew quarterdeck-agent-standby host/2',
    'create quarterdeck-agent m1',
  ]);
  stopping.abort(new Error('stop'));
  await ended;
});
