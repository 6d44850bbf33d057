import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { KubeBinaries } from './binaries.ts';
import { type ClientCa, ensureClientCa, ensureServingCertificate } from './client-ca.ts';
import { freePorts } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';

/** One etcd, shared by several control planes through `--etcd-prefix`. */
export interface Etcd extends AsyncDisposable {
  readonly url: string;
}

export async function startEtcd(binaries: KubeBinaries, dir: string): Promise<Etcd> {
  await mkdir(dir, { recursive: true });
  const [client, peer] = (await freePorts(2)) as [number, number];
  const url = `http://127.0.0.1:${client}`;
  const running = await startProcess(binaries.etcd, {
    logFile: join(dir, 'etcd.log'),
    args: [
      ...['--data-dir', join(dir, 'data'), '--log-level', 'warn', '--unsafe-no-fsync'],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
      ...[
        '--listen-peer-urls',
        `http://127.0.0.1:${peer}`,
        '--initial-advertise-peer-urls',
        `http://127.0.0.1:${peer}`,
      ],
      ...['--initial-cluster', `default=http://127.0.0.1:${peer}`],
    ],
  });
  return { url, [Symbol.asyncDispose]: () => running.stop() };
}

export interface KubeClusterOptions {
  readonly binaries: KubeBinaries;
  readonly etcd: Etcd;
  /** Unique per etcd; also names files. */
  readonly name: string;
  readonly dir: string;
  /**
   * `control-plane`: the API server alone (a hub). `api`: with the controllers that belong to the API itself and none of
   * workloads or nodes. `whole`: with controller manager, scheduler and stand-in nodes, so that Deployments become
   * available (a member). Default `whole`.
   */
  readonly parts?: 'control-plane' | 'api' | 'whole';
  /** Default 1. */
  readonly nodes?: number;
}

/** A real Kubernetes cluster without containers. */
export interface KubeCluster extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly caFile: string;
  /** Administrator (system:masters) by token. */
  readonly kubeconfig: string;
  readonly token: string;
  /** Stops the API server (SIGKILL), keeping its data. */
  killApiServer(): Promise<void>;
  /** Starts it again on the same port and data; resolves when ready. */
  startApiServer(): Promise<void>;
}

export async function startKubeCluster(options: KubeClusterOptions): Promise<KubeCluster> {
  const dir = join(options.dir, options.name);
  await mkdir(join(dir, 'certs'), { recursive: true });
  const [port] = (await freePorts(1)) as [number];
  const url = `https://127.0.0.1:${port}`;
  const token = randomBytes(16).toString('hex');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(dir, 'service-account.key');
  const files: [string, string][] = [
    [keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    [join(dir, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    [join(dir, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`],
  ];
  for (const [path, content] of files) await writeFile(path, content, { mode: 0o600 });

  // Signs client certificates of CSRs: the controller manager holds its key, the API server trusts it.
  const ca = await ensureClientCa(dir);
  const { caFile, ...serving } = await ensureServingCertificate(dir);
  const kubeconfig = join(dir, 'kubeconfig');
  let apiServer: RunningProcess | undefined;

  const startApiServer = async () => {
    apiServer = await startProcess(options.binaries.apiserver, {
      logFile: join(dir, 'apiserver.log'),
      args: [
        ...['--etcd-servers', options.etcd.url, '--etcd-prefix', `/${options.name}`],
        ...['--secure-port', String(port), '--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
        ...['--cert-dir', join(dir, 'certs'), '--token-auth-file', join(dir, 'tokens.csv')],
        ...['--tls-cert-file', serving.certFile, '--tls-private-key-file', serving.keyFile],
        ...['--authorization-mode', 'RBAC', '--service-account-issuer', 'https://kubernetes.default.svc'],
        ...['--service-account-key-file', join(dir, 'service-account.pub')],
        ...['--service-account-signing-key-file', keyFile],
        ...['--service-cluster-ip-range', '10.0.0.0/24', '--enable-bootstrap-token-auth=true'],
        ...['--client-ca-file', ca.certFile],
      ],
    });
    await untilReady(url, token, apiServer, join(dir, 'apiserver.log'));
  };
  await startApiServer();
  await writeFile(kubeconfig, await renderKubeconfig(url, caFile, token), { mode: 0o600 });

  const helpers =
    options.parts === 'control-plane' ? [] : await startHelpers(options, { dir, kubeconfig, keyFile, ca, caFile });
  return {
    name: options.name,
    url,
    caFile,
    kubeconfig,
    token,
    startApiServer,
    async killApiServer() {
      apiServer?.kill('SIGKILL');
      await apiServer?.exited;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(helpers.map((helper) => helper.stop()));
      await apiServer?.stop();
    },
  };
}

interface HelperFiles {
  readonly dir: string;
  readonly kubeconfig: string;
  readonly keyFile: string;
  readonly ca: ClientCa;
  readonly caFile: string;
}

/** What a Kubernetes API needs to keep its own promises; the hub has the same. */
const controllersOfApi = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'resourcequota-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-signing-controller',
  'certificatesigningrequest-cleaner-controller',
  'clusterrole-aggregation-controller',
  'validatingadmissionpolicy-status-controller',
];

function startHelpers(options: KubeClusterOptions, { dir, kubeconfig, keyFile, ca, caFile }: HelperFiles) {
  const common = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0'];
  const controllers = options.parts === 'api' ? ['--controllers', controllersOfApi.join(',')] : [];
  const controllerManager = startProcess(options.binaries.controllerManager, {
    logFile: join(dir, 'controller-manager.log'),
    args: [
      ...common,
      ...controllers,
      ...['--use-service-account-credentials=false', '--service-account-private-key-file', keyFile],
      ...['--root-ca-file', caFile],
      ...['--cluster-signing-cert-file', ca.certFile, '--cluster-signing-key-file', ca.keyFile],
    ],
  });
  if (options.parts === 'api') return Promise.all([controllerManager]);
  return Promise.all([
    controllerManager,
    startProcess(options.binaries.scheduler, { logFile: join(dir, 'scheduler.log'), args: common }),
    startProcess(options.binaries.nodeStub, {
      logFile: join(dir, 'node-stub.log'),
      args: ['-kubeconfig', kubeconfig, '-nodes', String(options.nodes ?? 1)],
    }),
  ]);
}

async function untilReady(url: string, token: string, server: RunningProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + 90_000;
  let ended: string | undefined;
  void server.exited.then((how) => {
    ended = how;
  });
  while (Date.now() < deadline) {
    if (ended !== undefined) break;
    if (await isReady(url, token)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(
    `kube-apiserver at ${url} is not ready (${ended ?? 'timeout'}):\n${log.split('\n').slice(-15).join('\n')}`,
  );
}

/** Who answers is no matter here: nothing but readiness is asked. */
function isReady(url: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      `${url}/readyz`,
      { rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.once('error', () => resolve(false));
    call.setTimeout(2_000, () => call.destroy());
    call.end();
  });
}

async function renderKubeconfig(url: string, caFile: string, token: string): Promise<string> {
  const ca = (await readFile(caFile)).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{name: kube, cluster: {server: '${url}', certificate-authority-data: ${ca}}}]`,
    `users: [{name: admin, user: {token: ${token}}}]`,
    'contexts: [{name: kube, context: {cluster: kube, user: admin}}]',
    'current-context: kube',
    '',
  ].join('\n');
}
