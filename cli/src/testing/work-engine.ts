import { installMemberKinds, memoryWorkCache, runWorks, type WorksOptions } from '@quarterdeck/agent/testing';
import {
  apiVersionOf,
  CustomResourceDefinition,
  crdOf,
  HealthRule,
  type KubeObject,
  type Manifest,
  Namespace,
  type ResourceType,
  type Stored,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import { type Client, createMetrics, systemClock } from '@quarterdeck/machinery';
import { eventually, type TestLogger, testLogger } from '@quarterdeck/machinery/testing';
import { startSimulatedFleet } from '@quarterdeck/simulator';
import { type CountedClient, countedClient } from './counted-client.ts';

/** The apply engine between two API servers, without registration: one plays the hub, one is the member. */
export interface WorkEngine extends AsyncDisposable {
  readonly hub: Client;
  /** Of the engine; beside it, tests use {@link member}. */
  readonly counted: { readonly hub: CountedClient; readonly member: CountedClient };
  readonly member: Client;
  readonly logger: TestLogger;
  /** What `isLeaving` says. */
  leaving: false | 'Orphan' | 'Delete';
  /** Of the next start; as it was started with at first. */
  evictionGraceMs: NonNullable<WorkEngineOptions['evictionGraceMs']> | undefined;
  /** Stops the engine and starts it anew, as a restarted agent does. */
  restart(): Promise<void>;
  stopAgent(): Promise<void>;
  /** What the agent has kept of the hub. */
  cached(): ReturnType<ReturnType<typeof memoryWorkCache>['load']>;
  /** As if its disk were new. */
  forgetCache(): void;
}

export const hubNamespace = 'member-m1';
const hubUID = 'hub-uid-1';

export interface WorkEngineOptions {
  /** Wraps the clients that the engine gets; default: they are only counted. */
  readonly wrap?: (client: Client, of: 'hub' | 'member') => Client;
  readonly evictionGraceMs?: number | 'never';
  readonly clientAs?: (userName: string) => Client;
  readonly history?: NonNullable<WorksOptions['history']>;
  readonly askHistory?: NonNullable<WorksOptions['askHistory']>;
  readonly namespaceDefault?: NonNullable<WorksOptions['namespaceDefault']>;
  readonly registeredAt?: () => number | undefined;
}

export async function startWorkEngine(settings: WorkEngineOptions = {}): Promise<WorkEngine> {
  const fleet = await startSimulatedFleet({
    names: ['hub', 'm1'],
    nodes: 1,
    delays: { ready: { minMs: 1, maxMs: 5 }, failureProbability: 0 },
  });
  const [hub, member] = ['hub', 'm1'].map((name) => clientOf(fleet.members.get(name)));
  if (hub === undefined || member === undefined) throw new Error('the fleet is not whole');
  const logger = testLogger();
  await hub.create(CustomResourceDefinition, crdOf(Work));
  await hub.create(CustomResourceDefinition, crdOf(WorkReport));
  await hub.create(CustomResourceDefinition, crdOf(HealthRule));
  await eventually(async () => {
    await hub.list(Work);
    await hub.list(HealthRule);
    return await hub.list(WorkReport);
  });
  await hub.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: hubNamespace } });
  const common = { clock: systemClock, logger };
  await installMemberKinds({ memberClient: member, ...common }, AbortSignal.timeout(10_000));
  const { wrap = (client) => client, ...others } = settings;
  const counted = { hub: countedClient(wrap(hub, 'hub')), member: countedClient(wrap(member, 'member')) };

  let running: { stop(): Promise<void> } | undefined;
  let store = memoryWorkCache();
  const start = async () => {
    const stopping = new AbortController();
    const options = {
      cache: { store, hubUrl: 'https://hub.example.test', known: await store.load() },
      ...others,
      ...(engine.evictionGraceMs === undefined ? {} : { evictionGraceMs: engine.evictionGraceMs }),
      hubClient: counted.hub,
      memberClient: counted.member,
      hubNamespace,
      hubUID,
    };
    const isLeaving = () => Promise.resolve(engine.leaving);
    const ended = runWorks({ ...options, isLeaving, ...common, metrics: createMetrics() }, stopping.signal);
    running = {
      async stop() {
        stopping.abort(new Error('the engine stops'));
        await ended;
      },
    };
  };
  const engine: WorkEngine = {
    hub,
    member,
    counted,
    logger,
    leaving: false,
    evictionGraceMs: settings.evictionGraceMs,
    async stopAgent() {
      await running?.stop();
      running = undefined;
    },
    cached: () => store.load(),
    forgetCache() {
      store = memoryWorkCache();
    },
    async restart() {
      await engine.stopAgent();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await engine.stopAgent();
      await fleet.stop();
    },
  };
  await start();
  return engine;
}

function clientOf(member: { readonly inProcessClient: Client } | undefined): Client {
  if (member === undefined) throw new Error('no such member');
  return member.inProcessClient;
}

/** A Work to send. */
export function workOf(name: string, ...manifests: Manifest[]): Work {
  return {
    apiVersion: apiVersionOf(Work),
    kind: Work.kind,
    metadata: { name, namespace: hubNamespace },
    spec: { workload: { manifests } },
  };
}

/** Replaces the manifests of a stored Work. */
export async function rewrite(engine: WorkEngine, name: string, ...manifests: Manifest[]): Promise<void> {
  await eventually(async () => {
    const work = await engine.hub.get(Work, { namespace: hubNamespace, name });
    return await engine.hub.update(Work, { ...work, spec: { workload: { manifests } } });
  });
}

/** `status reason` of each condition of a Work, once they are about its newest generation. */
export async function settledWork(engine: WorkEngine, name: string): Promise<Record<string, string>> {
  return await eventually(async () => {
    const { metadata, status } = await engine.hub.get(Work, { namespace: hubNamespace, name });
    const conditions = status?.conditions ?? [];
    const isNew =
      conditions.length === 4 && conditions.every((each) => each.observedGeneration === metadata.generation);
    return isNew && Object.fromEntries(conditions.map((each) => [each.type, `${each.status} ${each.reason}`]));
  });
}

export const isThere = async <T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  name: string,
  namespace?: string,
) =>
  (await client.list(type, namespace === undefined ? {} : { namespace })).items.find(
    ({ metadata }) => metadata.name === name && metadata.deletionTimestamp === undefined,
  ) as Stored<T> | undefined;
