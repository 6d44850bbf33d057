import { type Clock, createMetrics, silentLogger, systemClock } from '@quarterdeck/machinery';
import { createApiControllers } from '../controllers/all.ts';
import type { Background, ControllerContext } from '../controllers/context.ts';
import { serverContext } from '../controllers/server-context.ts';
import { type ApiServer, createApiServer } from '../server.ts';
import type { ApiServerOptions } from '../server-options.ts';
import { createMemoryDatabase, type MemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/storage.ts';
import { loadOrCreatePki, type Pki } from '../tls/pki.ts';

export interface TestServerOptions extends Partial<Omit<ApiServerOptions, 'storage'>> {
  /** Share one to play several replicas, or a restart. Default: a new one. */
  readonly database?: MemoryDatabase;
  /** Instead of one in memory; disposed of with the server. */
  readonly storage?: Storage;
  /** Run the controllers of the API itself: CRDs are established, namespaces emptied. Default false. */
  readonly controllers?: boolean;
}

export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer;
  readonly pki: Pki;
}

/** A whole API server over storage in memory, started. Dispose it. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { database = createMemoryDatabase(), controllers = false, ...rest } = options;
  const clock: Clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const storage = options.storage ?? openMemoryStorage(database, { clock });
  const pki = await loadOrCreatePki(storage.settings, { clock });
  const server = createApiServer({ pki, issuer: 'https://hub.test', clock, ...rest, storage });
  await server.start();
  const stopping = new AbortController();
  const background = controllers
    ? runControllers(
        server,
        pki,
        { clock, logger, ...(options.frontProxy && { frontProxy: options.frontProxy }) },
        stopping.signal,
      )
    : undefined;
  return {
    server,
    pki,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the test server stops'));
      await background?.stopped;
      await server.stop();
      await storage[Symbol.asyncDispose]();
    },
  };
}

function runControllers(
  server: ApiServer,
  pki: Pki,
  shared: Pick<ControllerContext, 'clock' | 'logger' | 'frontProxy'>,
  signal: AbortSignal,
): Background {
  const background = createApiControllers(serverContext(server, pki, { ...shared, metrics: createMetrics() }));
  background.start(signal);
  return background;
}
