import type { ApiServer } from '../server.ts';
import type { Pki } from '../tls/pki.ts';
import type { ControllerContext } from './context.ts';
import { registryResources } from './resources.ts';

/** What the controllers of the API need, for those of the server in this process. */
export function serverContext(
  server: ApiServer,
  pki: Pki,
  more: Pick<ControllerContext, 'clock' | 'logger' | 'metrics'> & Partial<ControllerContext>,
): ControllerContext {
  return {
    client: server.client,
    resources: registryResources(server.registry),
    store: server.store,
    authority: () => pki.authority,
    issueToken: server.issueToken,
    caBundle: () => pki.caBundle,
    ...more,
  };
}
