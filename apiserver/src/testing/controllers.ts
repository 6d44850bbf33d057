import type { Client } from '@quarterdeck/machinery';
import { systemUser } from '../server.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';

export interface TestServerWithControllers extends TestServer {
  /** May do everything. */
  readonly client: Client;
}

/** An API server in memory with its own controllers at work. Dispose it. */
export async function startTestControllers(options: TestServerOptions = {}): Promise<TestServerWithControllers> {
  const started = await startTestServer({ ...options, controllers: true });
  return { ...started, client: started.server.client(systemUser) };
}
