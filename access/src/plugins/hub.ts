import { readFile } from 'node:fs/promises';
import { ignoreNotFound, Secret } from '@quarterdeck/apis';
import {
  type Client,
  createHttpClient,
  type HttpClientOptions,
  kubeconfigNamespace,
  loadInClusterConfig,
  loadKubeconfig,
  withEnvironmentProxy,
} from '@quarterdeck/machinery';
import type { PluginEnvironment } from './harness.ts';

/** The hub, as the consumer that runs the plugin. CP-38 */
export interface HubAccess extends AsyncDisposable {
  readonly client: Client;
  /** Where the consumer lives, as far as it is known. */
  readonly namespace: string;
}

/**
 * Reaches the hub with the identity of the pod, else by `KUBECONFIG`. Default namespace: of the kubeconfig's current
 * context, else of the pod, else `default`. Proxies of the environment count on this way, as for every client of the hub.
 * RG-55
 * @param at where it is asked instead of at the Kubernetes API, by the same identity; undefined: there
 */
export async function openHub(environment: PluginEnvironment, at?: HubPort): Promise<HubAccess> {
  const pod = await loadInClusterConfig({ env: environment });
  const path = environment.KUBECONFIG;
  if (pod === undefined && (path === undefined || path === '')) {
    throw new Error('neither a pod with a service account nor KUBECONFIG: there is no way to the hub');
  }
  const ofContext = path === undefined || path === '' ? undefined : await kubeconfigNamespace({ path });
  const connection = pod?.connection ?? (await loadKubeconfig({ path: path as string }));
  const there = at === undefined ? connection : await atPort(connection, at);
  const client = createHttpClient(withEnvironmentProxy(there, environment));
  return {
    client,
    namespace: ofContext ?? pod?.namespace ?? 'default',
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The port of the hub program beside a Kubernetes hub. RG-53 */
export interface HubPort {
  readonly url: string;
  /** PEM of the CA that it is known by. Absent: the one of the Kubernetes API. */
  readonly caFile: string | undefined;
}

async function atPort(connection: HttpClientOptions, { url, caFile }: HubPort): Promise<HttpClientOptions> {
  const { tls } = connection;
  const known = typeof tls === 'function' ? tls() : tls;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return { ...connection, baseUrl: url, tls: { ...known, ...ca } };
}

/** One value of a Secret, decoded. CP-41 @throws Error when the Secret or the value is not there */
export async function secretValue(
  client: Client,
  { namespace, name, key }: { readonly namespace: string; readonly name: string; readonly key: string },
): Promise<string> {
  const secret = await ignoreNotFound(client.get(Secret, { namespace, name }));
  if (secret === undefined) throw new Error(`there is no Secret ${namespace}/${name}`);
  const value = Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
  if (value === '') throw new Error(`the Secret ${namespace}/${name} has nothing under "${key}"`);
  return value;
}
