import { type Agent, type AgentOptions, memoryStateStore, type StateStore, startAgent } from '@quarterdeck/agent';
import {
  apiVersionOf,
  ClusterSetBinding,
  conditionType,
  type Manifest,
  MemberCluster,
  Namespace,
  Placement,
  PlacementDecision,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { type Hub, type HubOptions, startHub } from '@quarterdeck/hub';
import {
  type Client,
  createHttpClient,
  createMetrics,
  type HttpClient,
  type HttpClientOptions,
} from '@quarterdeck/machinery';
import { eventually, type TestLogger, testLogger } from '@quarterdeck/machinery/testing';
import { type SimulatedFleet, type SimulatedMember, startSimulatedFleet } from '@quarterdeck/simulator';
import { createJoinToken, type TokenOptions } from '../join-token.ts';

/** A hub in this process, simulated members, and real agents between them over TLS. */
export interface TestFleet extends AsyncDisposable {
  readonly hub: Hub;
  readonly admin: Client;
  readonly members: SimulatedFleet;
  readonly logger: TestLogger;
  memberClient(name: string): Client;
  /** Joins by the real path. `as`: under another name than the cluster's own. */
  join(name: string, options?: JoinOptions): Promise<JoinedAgent>;
}

export interface JoinOptions {
  readonly as?: string;
  readonly token?: Partial<TokenOptions>;
  /** The token to use, instead of a new one. */
  readonly useToken?: string;
  readonly store?: StateStore;
  /** The hub as the agent reaches it. Default: its own URL. */
  readonly hubUrl?: string;
  /** What the agent is given otherwise. */
  readonly agent?: Partial<AgentOptions>;
  /** Let users of the hub reach the member, or what stands in for its API. */
  readonly tunnel?: true | HttpClientOptions;
  /** Where consumers reach the member by themselves. */
  readonly api?: NonNullable<NonNullable<MemberCluster['status']>['agent']>['api'];
}

export interface JoinedAgent {
  readonly agent: Agent;
  readonly store: StateStore;
  readonly token: string;
}

export async function startTestFleet(
  names: readonly string[],
  /** Of the hub; default database: in memory. */
  more: Partial<Pick<HubOptions, 'agentIdentity' | 'database'>> = {},
): Promise<TestFleet> {
  await using cleanup = new AsyncDisposableStack();
  const logger = testLogger();
  const hub = cleanup.use(
    await startHub({ database: { type: 'memory' }, listen: { host: '127.0.0.1', port: 0 }, logger, ...more }),
  );
  const delays = { ready: { minMs: 1, maxMs: 5 }, failureProbability: 0 };
  const members = cleanup.use(await startSimulatedFleet({ names, nodes: 1, delays }));
  const agents = new Set<Agent>();
  cleanup.defer(async () => {
    await Promise.all([...agents].map((agent) => agent.stop()));
  });
  const simulated = (name: string): SimulatedMember => {
    const found = members.members.get(name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  };
  const memberClient = (name: string): Client => simulated(name).inProcessClient;
  const owned = cleanup.move();
  return {
    hub,
    admin: hub.adminClient,
    members,
    logger,
    memberClient,
    async join(name, options = {}) {
      const {
        as = name,
        token: over = {},
        useToken,
        store = memoryStateStore(),
        hubUrl = hub.url,
        tunnel,
        api,
      } = options;
      const token = useToken ?? (await createJoinToken(hub.adminClient, { ...tokenFor(as), ...over }));
      const agent = startAgent({
        clusterName: as,
        hubUrl,
        trust: { caHash: hub.caHash },
        token: () => Promise.resolve(token),
        memberClient: memberClient(name),
        store,
        ...(tunnel === undefined
          ? {}
          : {
              tunnel: {
                member: tunnel === true ? simulated(name).client : tunnel,
                ...(api === undefined ? {} : { api }),
              },
            }),
        logger,
        metrics: createMetrics(),
        ...options.agent,
      });
      agents.add(agent);
      return { agent, store, token };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const tokenFor = (clusterPattern: string): TokenOptions => ({
  clusterPattern,
  clusterSet: 'default',
  labels: {},
  acceptance: 'Accepted',
  reusable: false,
  ttlMs: 600_000,
});

/** A client with exactly what an agent holds: its certificate and key, or its token. */
export async function clientOfAgent(hub: Hub, { store }: Pick<JoinedAgent, 'store'>): Promise<HttpClient> {
  const { certificate, key, token } = await store.load();
  if (token !== undefined) return createHttpClient({ baseUrl: hub.url, tls: { ca: hub.caPem }, token });
  if (certificate === undefined || key === undefined) throw new Error('the agent has no certificate');
  return createHttpClient({ baseUrl: hub.url, tls: { ca: hub.caPem, cert: certificate, key } });
}

export const conditionOf = async (admin: Client, name: string, type: keyof typeof conditionType.MemberCluster) => {
  const found = await admin.get(MemberCluster, { name });
  const condition = found.status?.conditions?.find((each) => each.type === conditionType.MemberCluster[type]);
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`;
};

export const isAvailable = (admin: Client, name: string) =>
  eventually(async () => (await conditionOf(admin, name, 'Available')) === 'True Available', {
    timeoutMs: 20_000,
    message: `member ${name} to be available`,
  });

/** A namespace with a binding to the set `default`, a Placement by label, and a WorkSet that follows it. */
export async function deploy(
  admin: Client,
  name: string,
  matchLabels: Record<string, string>,
  manifests: Manifest[],
): Promise<void> {
  const metadata = { name, namespace: name };
  await admin.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await admin.create(ClusterSetBinding, {
    apiVersion: apiVersionOf(ClusterSetBinding),
    kind: ClusterSetBinding.kind,
    metadata,
    spec: { clusterSet: 'default' },
  });
  await admin.create(Placement, {
    apiVersion: apiVersionOf(Placement),
    kind: Placement.kind,
    metadata,
    spec: { clusterSelectorTerms: [{ labelSelector: { matchLabels } }] },
  });
  await admin.create(WorkSet, {
    apiVersion: apiVersionOf(WorkSet),
    kind: WorkSet.kind,
    metadata,
    spec: { placementRef: { name }, workload: { manifests }, deletionPolicy: 'Delete' },
  });
}

export async function decisionOf(admin: Client, namespace: string): Promise<string[]> {
  const { items } = await admin.list(PlacementDecision, { namespace });
  return items.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name)).sort();
}

/** `member namespace: Applied status` of every Work of a WorkSet. */
export async function worksOf(admin: Client, name: string): Promise<Record<string, string | undefined>> {
  const { items } = await admin.list(Work, { labelSelector: `quarterdeck.dev/workset=${name}` });
  return Object.fromEntries(
    items.map(({ metadata, status }) => [
      metadata.namespace ?? '',
      status?.conditions.find(({ type }) => type === 'Applied')?.status,
    ]),
  );
}

export const label = (admin: Client, name: string, labels: Record<string, string | null>) =>
  admin.patch(MemberCluster, { name }, { type: 'merge', body: { metadata: { labels } } });

export const accept = (admin: Client, name: string, acceptance: MemberCluster['spec']['acceptance']) =>
  admin.patch(MemberCluster, { name }, { type: 'merge', body: { spec: { acceptance } } });
