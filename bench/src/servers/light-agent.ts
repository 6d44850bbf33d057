import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import {
  apiVersionOf,
  ConfigMap,
  conditionType,
  HealthRule,
  Lease,
  MemberCluster,
  MemberClusterReason,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberNamespaceName,
  type ResourceType,
  Work,
  WorkReport,
} from '@quarterdeck/apis';

/** What one light agent connects with. */
export interface LightIdentity {
  readonly hubUrl: string;
  readonly ca: string;
  readonly clusterName: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * What the hub sees of an agent, and nothing else: one TLS connection with the member's certificate, HTTP/2, the watches that
 * an agent has open, its Lease and its status. Some 150 kB each, so that a process holds thousands.
 */
export interface LightAgent {
  /** Connects and watches; resolves when every watch has told what there is. @throws Error when the connection fails */
  connect(): Promise<void>;
  /** Renews the Lease. @returns milliseconds until it was answered. @throws Error when it was not, or not well */
  beat(): Promise<number>;
  /**
   * Writes its part of the MemberCluster's status, each time with other pods on it, which is what moves on a member that lives.
   * @throws Error when it was not answered well
   */
  report(): Promise<void>;
  /** Watches that are open. */
  readonly watching: number;
  /** Ends the connection as a lost network does, without a word. */
  cut(): void;
}

/** As long as real agents wait for a connection, and for the answer to a heartbeat. */
const patienceMs = 10_000;

interface Answered {
  readonly status: number;
  readonly body: string;
}

export function createLightAgent(identity: LightIdentity): LightAgent {
  const { hubUrl, ca, cert, key, clusterName } = identity;
  const namespace = memberNamespaceName(clusterName);
  let session: ClientHttp2Session | undefined;
  let watching = 0;
  let reports = 0;

  function open(): Promise<ClientHttp2Session> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
    const opening = connect(hubUrl, { ca, cert, key });
    const timer = setTimeout(() => opening.destroy(new Error('no connection in time')), patienceMs);
    opening.once('connect', () => {
      clearTimeout(timer);
      resolve(opening);
    });
    opening.on('error', reject);
    opening.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
      if (session === opening) session = undefined;
    });
    return promise;
  }

  function ask(headers: Record<string, string>, body?: string): ClientHttp2Stream {
    if (session === undefined || session.destroyed) throw new Error('not connected');
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return stream;
  }

  /** Resolves when the watch has told what there is; it stays open. */
  function watch(path: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stream = ask({ ':method': 'GET', ':path': path });
    let last = '';
    stream.on('response', ({ ':status': status }) => {
      if (status === 200) watching += 1;
      else reject(new Error(`${path} was answered with ${status}`));
      stream.once('close', () => {
        if (status === 200) watching -= 1;
      });
    });
    stream.on('data', (chunk: Buffer) => {
      if (last === 'told') return;
      // A mark may be cut in two by the chunks that it comes in.
      last = (last + chunk.toString('latin1')).slice(-4_000);
      if (!last.includes('initial-events-end')) return;
      last = 'told';
      resolve();
    });
    stream.on('error', reject);
    stream.once('close', () => reject(new Error(`${path} ended`)));
    return promise;
  }

  async function send(method: string, path: string, contentType: string, body: object): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const headers = { ':method': method, ':path': path, 'content-type': contentType };
    const stream = ask(headers, JSON.stringify(body));
    let [status, text] = [0, ''];
    stream.setTimeout(patienceMs, () => stream.destroy(new Error(`${path} was not answered`)));
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0;
    });
    stream.on('data', (chunk: Buffer) => {
      if (text.length < 500) text += chunk.toString('utf8');
    });
    stream.on('error', reject);
    stream.once('close', () => resolve({ status, body: text }));
    const answered = await promise;
    if (answered.status >= 200 && answered.status < 300) return answered;
    throw new Error(`${method} ${path} was answered with ${answered.status}: ${answered.body}`);
  }

  return {
    get watching() {
      return watching;
    },
    async connect() {
      session = await open();
      await Promise.all(watchPaths(clusterName, namespace).map(watch));
    },
    async beat() {
      const started = performance.now();
      const path = `${pathOf(Lease, namespace)}/${memberLeaseName}?fieldManager=quarterdeck-agent`;
      // Microseconds, as Kubernetes has them in Leases.
      const renewTime = new Date().toISOString().replace('Z', '000Z');
      const spec = { renewTime, holderIdentity: clusterName, leaseDurationSeconds: memberLeaseDurationSeconds };
      await send('PATCH', path, 'application/merge-patch+json', { spec }).catch(async (error: unknown) => {
        if (!(error instanceof Error) || !error.message.includes('with 404')) throw error;
        const metadata = { name: memberLeaseName, namespace };
        const lease = { apiVersion: apiVersionOf(Lease), kind: Lease.kind, metadata, spec };
        await send('POST', pathOf(Lease, namespace), 'application/json', lease);
      });
      return performance.now() - started;
    },
    async report() {
      const object = {
        apiVersion: apiVersionOf(MemberCluster),
        kind: MemberCluster.kind,
        metadata: { name: clusterName },
        status: { version: { kubernetes: '1.35.4' }, conditions: [healthy], ...roomWith(1 + (reports++ % 100)) },
      };
      const path = `${pathOf(MemberCluster)}/${clusterName}/status?fieldManager=quarterdeck-agent&force=true`;
      await send('PATCH', path, 'application/apply-patch+yaml', object);
    },
    cut: () => session?.destroy(),
  };
}

const healthy = {
  type: conditionType.MemberCluster.ControlPlaneHealthy,
  status: 'True',
  reason: MemberClusterReason.Healthy,
  message: '',
  lastTransitionTime: new Date().toISOString(),
};

/** Three nodes of 64 cores with so many pods of one core on them. */
const roomWith = (pods: number) => ({
  nodes: { total: 3, ready: 3 },
  capacity: { cpu: '192', memory: '768Gi', pods: '330' },
  allocatable: { cpu: '192', memory: '768Gi', pods: '330' },
  requested: { cpu: `${pods}`, memory: `${pods}Gi`, pods: `${pods}` },
  nodeGroups: [
    { count: 1, free: { cpu: '64', memory: '256Gi', pods: '110' } },
    { count: 1, free: { cpu: '63', memory: '255Gi', pods: '109' } },
    { count: 1, free: { cpu: '32', memory: '128Gi', pods: `${110 - Math.min(pods, 109)}` } },
  ],
  capacityObservedTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
});

function pathOf(type: ResourceType, namespace?: string): string {
  const group = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${type.plural}`;
}

/** Those that an agent has open on the hub. */
function watchPaths(clusterName: string, namespace: string): string[] {
  const how = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  return [
    `${pathOf(MemberCluster)}?${how}&fieldSelector=metadata.name%3D${clusterName}`,
    `${pathOf(ConfigMap, namespace)}?${how}&fieldSelector=metadata.name%3Dkube-root-ca.crt`,
    `${pathOf(Work, namespace)}?${how}`,
    `${pathOf(WorkReport, namespace)}?${how}`,
    `${pathOf(HealthRule)}?${how}`,
  ];
}
