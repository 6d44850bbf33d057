import { type Client, createMetrics, systemClock } from '@quarterdeck/machinery';
import { createApiControllers } from '../controllers/all.ts';
import type { ControllerContext } from '../controllers/context.ts';
import { registryResources } from '../controllers/resources.ts';
import { systemUser } from '../server.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';

export interface TestServerWithControllers extends TestServer {
  /** May do everything. */
  readonly client: Client;
}

/** An API server in memory with its own controllers at work. Dispose it. */
export async function startTestControllers(
  options: TestServerOptions & Pick<ControllerContext, 'logger'> & Pick<Partial<ControllerContext>, 'eventTtlMs'>,
): Promise<TestServerWithControllers> {
  const { logger, eventTtlMs, ...serverOptions } = options;
  const started = await startTestServer({ ...serverOptions, logger });
  const { server, pki } = started;
  const controllers = createApiControllers({
    client: server.client,
    resources: registryResources(server.registry),
    store: server.store,
    authority: pki.authority,
    caBundle: () => pki.caBundle,
    clock: options.clock ?? systemClock,
    logger,
    metrics: createMetrics(),
    ...(eventTtlMs === undefined ? {} : { eventTtlMs }),
  });
  const stop = new AbortController();
  controllers.start(stop.signal);
  return {
    ...started,
    client: server.client(systemUser),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await controllers.stopped;
      await started[Symbol.asyncDispose]();
    },
  };
}
