import { readFile } from 'node:fs/promises';
import { ConfigMap, ignoreNotFound, isForbidden } from '@quarterdeck/apis';
import { startHttpListener, watchCertificateFiles } from '@quarterdeck/apiserver';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';
import { listenError } from '../../listening.ts';
import { createTunnels } from '../tunnels.ts';
import { createDelegation } from './delegation.ts';
import { doorsPipeline } from './pipeline.ts';

/** The port of the hub program beside a Kubernetes hub. RG-53 */
export interface DoorsListen {
  readonly listen: { readonly host: string; readonly port: number };
  /** What consumers and agents call it. */
  readonly publicUrl: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** PEM of the CA that its certificate is known by. Default: the certificate file itself. */
  readonly caFile?: string;
}

/** How consumers reach it. */
export interface Doors extends AsyncDisposable {
  readonly url: string;
  /** The address that it listens on. */
  readonly listensAt: string;
  caPem(): string;
}

/** CAs of clients may be rotated. */
const readAgainMs = 60_000;

/** Serves tunnels, proxy and tokens of members, and explanations, on a port of our own. @throws Error when it cannot listen */
export async function startDoors(
  options: DoorsListen & {
    /** Under the hub's own identity: reviews, MemberClusters, and what explanations are made of. */
    readonly hubClient: Client;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<Doors> {
  const { listen, publicUrl, certificateFile, keyFile, caFile = certificateFile, hubClient, clock, logger } = options;
  await using cleanup = new AsyncDisposableStack();
  const stopping = new AbortController();
  cleanup.defer(() => stopping.abort(new Error('the hub is stopping')));
  const clientCa = await followClientCa({ client: hubClient, clock, logger }, stopping.signal);
  // Several may run beside one Kubernetes hub, and none of them knows how many.
  const tunnels = cleanup.use(createTunnels({ clock, logger, isOnlyProcess: false }));
  const certificate = cleanup.use(await watchCertificateFiles({ certificateFile, keyFile, clock, logger }));
  const listener = cleanup.use(
    await startHttpListener({ ...listen, certificate, clock, logger }).catch((cause: unknown) => {
      throw listenError({ listen }, cause);
    }),
  );
  const delegation = createDelegation({ client: hubClient, clientCa, clock });
  listener.mount('', doorsPipeline({ tunnels, delegation, hubClient, clock, logger }));
  const caPem = await readFile(caFile, 'utf8');
  const owned = cleanup.move();
  logger.info({ url: publicUrl }, 'tunnels, proxy and tokens of members, and explanations are served');
  return {
    url: publicUrl,
    listensAt: listener.url,
    caPem: () => caPem,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Where every Kubernetes API server says which CAs vouch for its clients. */
const published = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

async function followClientCa(
  { client, clock, logger }: { readonly client: Client; readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<() => string> {
  const read = async () =>
    (await ignoreNotFound(client.get(ConfigMap, published, { signal })))?.data?.['client-ca-file'] ?? '';
  let pem = await afterGrant(read, clock, signal);
  if (pem === '') logger.warn({}, 'this Kubernetes names no CA of clients: agents cannot prove who they are here');
  const again = async () => {
    while (!signal.aborted) {
      await clock.sleep(readAgainMs, signal);
      pem = await read().catch(() => pem);
    }
  };
  again().catch(() => undefined); // it ends by the signal only
  return () => pem;
}

/** For how long a right that was given a moment ago may not be known yet. */
const grantWithinMs = 15_000;

async function afterGrant<T>(ask: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  const giveUpAt = clock.monotonic() + grantWithinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isForbidden(error) || clock.monotonic() >= giveUpAt) throw error;
    }
    await clock.sleep(250, signal);
  }
}
