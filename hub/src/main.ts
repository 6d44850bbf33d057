import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type AgentIdentityMake, hubUserName, Namespace } from '@quarterdeck/apis';
import {
  type CertificateSource,
  connectionLimit,
  createApiServer,
  createIssuedCertificate,
  createListRoom,
  createMemoryDatabase,
  createMetricsHandler,
  createSettingsCipher,
  dataDefinitions,
  type EmbeddedPostgres,
  type LivePki,
  openFilesLimit,
  openLivePki,
  openMemoryStorage,
  openPostgresStorage,
  type Pki,
  runApiControllers,
  type Storage,
  serverContext,
  startEmbeddedPostgres,
  startHttpListener,
  systemUser,
  watchCertificateFiles,
  watchHeap,
} from '@quarterdeck/apiserver';
import {
  buildKubeconfig,
  type Client,
  type Clock,
  createHttpClient,
  createMetrics,
  type HttpClientOptions,
  type Logger,
  systemClock,
} from '@quarterdeck/machinery';
import { type CallersOptions, openCallers } from './callers.ts';
import { embeddedDir } from './database.ts';
import { explanationSubresources } from './explanation.ts';
import { healthRuleGate } from './fleet/health-rule-gate.ts';
import { installFleet } from './fleet/install.ts';
import { placementGate } from './fleet/placement-gate.ts';
import { hubServiceAccount } from './fleet/roles.ts';
import { runFleet } from './fleet/run.ts';
import { stampEpoch } from './fleet/stamp-epoch.ts';
import { type DoorsListen, startDoors } from './tunnel/delegated/start.ts';
import { tunnelSubresources } from './tunnel/subresources.ts';
import { createTunnels } from './tunnel/tunnels.ts';

/** Where the hub's objects are kept. */
export type DatabaseOptions =
  /** PostgreSQL from npm, a child of the hub, with its data in `dir`. */
  | { readonly type: 'embedded'; readonly dir: string }
  | { readonly type: 'postgres'; readonly url: string }
  /** Gone with the process; for tests. */
  | { readonly type: 'memory' };

export interface HubOptions extends CallersOptions {
  readonly database: DatabaseOptions;
  readonly listen: { readonly host: string; readonly port: number };
  /** What others call this hub, in kubeconfigs, tokens and join commands. Default: the address it listens on. */
  readonly publicUrl?: string;
  /** Names and addresses of the serving certificate beside localhost and those of `publicUrl` and `listen`. */
  readonly tlsSans?: readonly string[];
  /** Own serving certificate, reloaded when the files change. */
  readonly certificateFiles?: { readonly certificateFile: string; readonly keyFile: string };
  /** Encrypts CA and signing keys in the database. */
  readonly encryptionKeyFile?: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly identity?: string;
  /** What agents get to prove who they are: client certificates, or tokens of service accounts. Default certificate. RG-7 */
  readonly agentIdentity?: AgentIdentityMake;
  /** Ends the start: what had started is stopped, and the promise is rejected with its reason. Not used once the hub runs. */
  readonly signal?: AbortSignal;
}

/** A running hub. */
export interface Hub extends AsyncDisposable {
  /** The public URL. */
  readonly url: string;
  /** Of the key of the CA that signs, for `agent join`. */
  readonly caHash: string;
  /** Every CA that is trusted, the signing one first. */
  readonly caPem: string;
  /** Calls back when the CAs have changed: kubeconfigs are to be written anew. RG-9 */
  onCaChange(listener: () => void): Disposable;
  readonly hubUID: string;
  /** Where an embedded database lies; undefined with another. */
  readonly databaseLocation: string | undefined;
  readonly databaseRunsAs: string | undefined;
  /** As the administrator, in-process. */
  readonly adminClient: Client;
  /** YAML with a fresh administrator's certificate. Write it with mode 0600. */
  adminKubeconfig(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a hub: database, API server, listener, then the controllers of the API and of the fleet. Resolves when it serves
 * and the fleet's kinds are installed; on failure everything that had started is stopped again.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { logger, clock = systemClock, signal } = options;
  const election = electionOf(options);
  await checkFree(options.listen);
  const callers = await openCallers(options, { clock, logger });
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(callers);
  const { storage, embedded } = await openDatabase(options, clock, cleanup);
  signal?.throwIfAborted();
  const cipher =
    options.encryptionKeyFile === undefined ? undefined : await createSettingsCipher(options.encryptionKeyFile);
  const pki = cleanup.use(
    await openLivePki(storage.settings, { clock, logger, ...(cipher === undefined ? {} : { cipher }) }),
  );
  const hubUID = await storage.settings.createOnce('hub.uid', randomUUID());
  const certificate = cleanup.use(await servingCertificate(options, pki, clock));
  const metrics = createMetrics();
  const refused = metrics.counter({
    subsystem: 'apiserver',
    what: 'connections_refused',
    help: 'Connections closed at once because the limit of open files leaves no room for more.',
  });
  const maxConnections = connectionLimit(await openFilesLimit());
  const listening = { ...options.listen, certificate, logger, clock, maxConnections, onRefused: () => refused.inc() };
  const listener = cleanup.use(
    await startHttpListener({ ...listening, ...callers.listening }).catch((cause: unknown) => {
      throw listenError(options.listen, cause);
    }),
  );
  const url = options.publicUrl ?? listener.url;
  const isOnlyProcess = options.database.type !== 'postgres';
  const tunnels = cleanup.use(createTunnels({ clock, logger, isOnlyProcess }));
  const server = createApiServer({
    storage,
    pki,
    issuer: url,
    clock,
    logger,
    definitions: dataDefinitions,
    serviceNetwork: { endpoint: { ip: options.listen.host, port: Number(new URL(listener.url).port) } },
    subresources: new Map([
      ...tunnelSubresources(tunnels),
      ...explanationSubresources({ reader: () => server.client(hubUser()), clock }),
    ]),
    admission: [placementGate(), healthRuleGate()],
    ...callers.proxied,
    authenticators: callers.authenticators,
    metrics: metrics.registry,
    listRoom: createListRoom({ heap: cleanup.use(watchHeap()), metrics }),
    nonResource: [createMetricsHandler(metrics.registry)],
  });
  cleanup.defer(() => server.stop());
  await server.start();
  signal?.throwIfAborted();
  const stopping = new AbortController();
  const startEnd = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
  const adminClient = server.client(systemUser);
  const hubEpoch = () => server.store.epoch;
  await stampEpoch({ adminClient, epoch: hubEpoch(), clock, logger }, startEnd);
  listener.mount('', server.pipeline);

  const apiControllers = runApiControllers(
    {
      ...serverContext(server, pki, { clock, logger, metrics, onCaChange: pki.onChange, ...callers.proxied }),
      ...election,
    },
    stopping.signal,
  );
  const running = [apiControllers];
  cleanup.defer(async () => {
    server.drain();
    stopping.abort(new Error('the hub is stopping'));
    await Promise.allSettled(running);
    await listener.stop({ graceMs: 5_000 });
  });
  const { agentIdentity = 'certificate' } = options;
  await installFleet({ adminClient, agentIdentity, clock, logger }, startEnd);
  signal?.throwIfAborted();
  const hubClient = server.client(hubUser());
  const access = { url, caPem: () => pki.caBundle };
  running.push(
    runFleet(
      { hubClient, hubUID, hubEpoch, access, agentIdentity, clock, logger, metrics, ...election },
      stopping.signal,
    ),
  );

  const owned = cleanup.move();
  const stop = () => owned.disposeAsync();
  logger.info({ url }, 'hub is ready');
  return {
    url,
    get caHash() {
      return pki.caHash;
    },
    get caPem() {
      return pki.caBundle;
    },
    onCaChange: pki.onChange,
    hubUID,
    databaseLocation: embedded?.location,
    databaseRunsAs: embedded?.runsAs,
    adminClient,
    adminKubeconfig: () => adminKubeconfig(pki, url),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Before the database is made: a hub that cannot listen leaves nothing behind. */
async function checkFree(listen: HubOptions['listen']): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen({ ...listen, exclusive: true }), 'listening');
  } catch (cause) {
    throw listenError(listen, cause);
  } finally {
    probe.close();
  }
}

/** What the names of hubs that own their embedded database begin with. */
const ownerPrefix = 'embedded-database/';

/**
 * A hub with an embedded database owns its directory, so it is the only such hub on that database, and what an earlier one
 * had under way ended with the database server that is stopped before this one's is started: whoever of them still holds a
 * Lease is gone. A hub that came by URL, to the same database even, is not of them: it is waited for. F-19
 */
function electionOf({ identity = randomUUID(), database }: Pick<HubOptions, 'identity' | 'database'>) {
  if (database.type !== 'embedded') return { identity };
  return { identity: `${ownerPrefix}${identity}`, isGone: (holder: string) => holder.startsWith(ownerPrefix) };
}

function listenError({ host, port }: HubOptions['listen'], cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why = {
    EADDRINUSE: 'is in use by another program',
    EACCES: 'needs more rights',
    EADDRNOTAVAIL: 'is not an address of this machine',
  }[String(code)];
  return why === undefined ? cause : new Error(`${host}:${port} ${why}: choose another address with --listen`);
}

function hubUser() {
  const { namespace } = hubServiceAccount;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { name: hubUserName, groups };
}

async function openDatabase(
  { database, logger }: HubOptions,
  clock: Clock,
  cleanup: AsyncDisposableStack,
): Promise<{ storage: Storage; embedded: EmbeddedPostgres | undefined }> {
  switch (database.type) {
    case 'memory':
      return { storage: cleanup.use(openMemoryStorage(createMemoryDatabase(), { clock })), embedded: undefined };
    case 'postgres':
      return { storage: cleanup.use(openPostgresStorage({ url: database.url, clock, logger })), embedded: undefined };
    case 'embedded': {
      await mkdir(database.dir, { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
        const why = `cannot be made (${cause.code})`;
        throw new Error(`the data directory ${database.dir} ${why}: choose another with --data-dir`);
      });
      const embedded = cleanup.use(await startEmbeddedPostgres({ dataDir: embeddedDir(database.dir), clock, logger }));
      return { storage: cleanup.use(openPostgresStorage({ url: embedded.url, clock, logger })), embedded };
    }
  }
}

async function servingCertificate(options: HubOptions, pki: LivePki, clock: Clock): Promise<CertificateSource> {
  const { certificateFiles, logger } = options;
  if (certificateFiles !== undefined) return await watchCertificateFiles({ ...certificateFiles, clock, logger });
  const hosts = [
    options.listen.host,
    ...(options.publicUrl === undefined ? [] : [new URL(options.publicUrl).hostname]),
  ];
  const names = new Set([
    'localhost',
    '127.0.0.1',
    '::1',
    'kubernetes.default.svc',
    ...hosts.filter((host) => host !== '0.0.0.0' && host !== '::'),
    ...(options.tlsSans ?? []),
  ]);
  return await createIssuedCertificate({ pki, names: [...names], clock, logger, onCaChange: pki.onChange });
}

async function adminKubeconfig(pki: Pki, url: string): Promise<string> {
  const { certificate, key } = await pki.issueClient({ user: 'quarterdeck:admin', groups: ['system:masters'] });
  return buildKubeconfig({
    name: 'quarterdeck',
    server: url,
    caPem: pki.caBundle,
    user: { certPem: certificate, keyPem: key },
  });
}

export interface ExternalHubOptions {
  /** How to reach the Kubernetes cluster that is the hub, as an administrator of it. */
  readonly connection: HttpClientOptions;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly identity?: string;
  /** What agents get to prove who they are; tokens where this Kubernetes signs no client certificates. Default certificate. RG-7 */
  readonly agentIdentity?: AgentIdentityMake;
  /** Serve there what CRDs cannot have: tunnels, and the API of members through them. Absent: not served. RG-53 */
  readonly doors?: DoorsListen;
}

/** Runs the same controllers against an existing Kubernetes cluster as the hub, where the kinds are CRDs. */
export async function startExternalHub(
  options: ExternalHubOptions,
): Promise<AsyncDisposable & { readonly hubUID: string }> {
  const { logger, clock = systemClock, identity = randomUUID(), agentIdentity = 'certificate' } = options;
  await using cleanup = new AsyncDisposableStack();
  const adminClient = cleanup.use(createHttpClient({ ...options.connection, clock }));
  const stopping = new AbortController();
  await installFleet(
    { adminClient, agentIdentity, reviews: options.doors !== undefined, clock, logger },
    stopping.signal,
  );
  const hubUID = await clusterUID(adminClient);
  // Least rights on a real hub too: the controllers act as the service account that the installation bound.
  const impersonate = { user: hubUserName, groups: hubUser().groups };
  const hubClient = cleanup.use(createHttpClient({ ...options.connection, impersonate, clock }));
  const doors =
    options.doors === undefined
      ? undefined
      : cleanup.use(await startDoors({ ...options.doors, hubClient, clock, logger }));
  const access = doors === undefined ? {} : { access: { url: doors.url, caPem: doors.caPem } };
  const fleet = runFleet({ hubClient, hubUID, ...access, agentIdentity, identity, clock, logger }, stopping.signal);
  cleanup.defer(async () => {
    stopping.abort(new Error('the hub is stopping'));
    await fleet.catch(() => {});
  });
  const owned = cleanup.move();
  return { hubUID, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A Kubernetes hub has an identity already: its namespace kube-system lives as long as it. RG-9 */
async function clusterUID(adminClient: Client): Promise<string> {
  return (await adminClient.get(Namespace, { name: 'kube-system' })).metadata.uid;
}
