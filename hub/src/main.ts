import { randomUUID } from 'node:crypto';
import type { AgentIdentityMake } from '@quarterdeck/apis';
import {
  connectionLimit,
  createApiServer,
  createListRoom,
  createMetricsHandler,
  dataDefinitions,
  openFilesLimit,
  openLivePki,
  type Pki,
  runApiControllers,
  sealedStorage,
  serverContext,
  startHttpListener,
  systemUser,
  watchHeap,
} from '@quarterdeck/apiserver';
import {
  buildKubeconfig,
  type Client,
  type Clock,
  createMetrics,
  type Logger,
  systemClock,
} from '@quarterdeck/machinery';
import { type CallersOptions, openCallers } from './callers.ts';
import { openEncryption, warnOfGaps } from './encryption.ts';
import { explanationSubresources } from './explanation.ts';
import { healthRuleGate } from './fleet/health-rule-gate.ts';
import { hubUser } from './fleet/hub-user.ts';
import { installFleet } from './fleet/install.ts';
import { placementGate } from './fleet/placement-gate.ts';
import { runFleet } from './fleet/run.ts';
import { stampEpoch } from './fleet/stamp-epoch.ts';
import { knownBy } from './known-by.ts';
import { checkFree, type ListeningOptions, listenError, servingCertificate } from './listening.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { tunnelSubresources } from './tunnel/subresources.ts';
import { createTunnels } from './tunnel/tunnels.ts';

export interface HubOptions extends CallersOptions, ListeningOptions {
  readonly database: DatabaseOptions;
  /**
   * Keys that encrypt Secrets, the CA and signing keys in the database. Default: with an embedded database a file in its
   * directory, made at the first start; otherwise none. KA-147
   */
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
  /** Calls back when the CAs that it is known by have changed: kubeconfigs are to be written anew. RG-9 */
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
  await checkFree(options);
  const callers = await openCallers(options, { clock, logger });
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(callers);
  const database = await openDatabase(options.database, { clock, logger }, cleanup);
  const { embedded } = database;
  signal?.throwIfAborted();
  const atRest = await openEncryption(encryptionOf(options), { settings: database.storage.settings, clock, logger });
  const storage = sealedStorage(database.storage, atRest);
  const { keyring } = atRest;
  const pki = cleanup.use(
    await openLivePki(storage.settings, { clock, logger, ...(keyring.canSeal ? { keyring } : {}) }),
  );
  const hubUID = await storage.settings.createOnce('hub.uid', randomUUID());
  const certificate = cleanup.use(await servingCertificate(options, { pki, clock, logger }));
  const known = await knownBy(options, { pki, certificate });
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
      throw listenError(options, cause);
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
  // What is in memory only is not at rest.
  if (options.database.type !== 'memory') warnOfGaps(atRest, { registry: server.registry, logger });
  const hubClient = server.client(hubUser());
  const access = { url, caPem: () => known.caPem };
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
    onCaChange: known.onChange,
    hubUID,
    databaseLocation: embedded?.location,
    databaseRunsAs: embedded?.runsAs,
    adminClient,
    adminKubeconfig: () => adminKubeconfig(pki, { url, caPem: known.caPem }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
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

const encryptionOf = ({ encryptionKeyFile, database }: HubOptions) => ({
  encryptionKeyFile,
  dataDir: database.type === 'embedded' ? database.dir : undefined,
});

async function adminKubeconfig(
  pki: Pki,
  { url, caPem }: { readonly url: string; readonly caPem: string },
): Promise<string> {
  const { certificate, key } = await pki.issueClient({ user: 'quarterdeck:admin', groups: ['system:masters'] });
  return buildKubeconfig({
    name: 'quarterdeck',
    server: url,
    caPem,
    user: { certPem: certificate, keyPem: key },
  });
}
