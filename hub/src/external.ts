import { randomUUID } from 'node:crypto';
import { type AgentIdentityMake, Namespace } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createHttpClient,
  type HttpClientOptions,
  type Logger,
  systemClock,
} from '@quarterdeck/machinery';
import { hubUser } from './fleet/hub-user.ts';
import { installFleet } from './fleet/install.ts';
import { runFleet } from './fleet/run.ts';
import { type DoorsListen, startDoors } from './tunnel/delegated/start.ts';

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
  const { name: user, groups } = hubUser();
  const impersonate = { user, groups };
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
