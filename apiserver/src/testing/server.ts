import { type Clock, systemClock } from '@quarterdeck/machinery';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../server.ts';
import { createMemoryDatabase, type MemoryDatabase, openMemoryStorage } from '../storage/memory.ts';
import { loadOrCreatePki, type Pki } from '../tls/pki.ts';

export interface TestServerOptions extends Partial<Omit<ApiServerOptions, 'storage'>> {
  /** Share one to play several replicas, or a restart. Default: a new one. */
  readonly database?: MemoryDatabase;
}

export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer;
  readonly pki: Pki;
}

/** A whole API server over storage in memory, started. Dispose it. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { database = createMemoryDatabase(), ...rest } = options;
  const clock: Clock = options.clock ?? systemClock;
  const storage = openMemoryStorage(database, { clock });
  const pki = await loadOrCreatePki(storage.settings, { clock });
  const server = createApiServer({ pki, issuer: 'https://hub.test', clock, ...rest, storage });
  await server.start();
  return {
    server,
    pki,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await storage[Symbol.asyncDispose]();
    },
  };
}
