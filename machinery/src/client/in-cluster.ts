import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { HttpClientOptions } from './http-options.ts';
import { KubeconfigError } from './kubeconfig-schema.ts';

export interface InClusterSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its service account. Default: where Kubernetes mounts it. */
  readonly directory?: string;
  /** For re-reading the token. Default: the real one. */
  readonly clock?: Clock;
}

/** The cluster that a pod runs in, as its service account. */
export interface InClusterConfig {
  readonly connection: HttpClientOptions;
  /** The pod's own. */
  readonly namespace: string;
}

const defaultDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Kubelets rotate the mounted token at 80 % of its hour. */
const tokenMaxAgeMs = 10_000;

/**
 * How a pod reaches its own cluster: address from the environment, CA, token and namespace from the mounted service
 * account. The token is read again while it is used.
 * @returns undefined outside of a pod
 * @throws KubeconfigError when the environment says that this is a pod, but its service account is not mounted
 */
export async function loadInClusterConfig(source: InClusterSource): Promise<InClusterConfig | undefined> {
  const { env, directory = defaultDirectory, clock = systemClock } = source;
  const [host, port] = [env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT];
  if (host === undefined || host === '' || port === undefined || port === '') return undefined;
  const read = async (name: string) => {
    try {
      return (await readFile(join(directory, name), 'utf8')).trim();
    } catch (cause) {
      throw new KubeconfigError(`no service account is mounted in this pod: ${(cause as Error).message}`, { cause });
    }
  };
  let token = await read('token');
  let readAt = clock.monotonic();
  const currentToken = async (): Promise<string> => {
    if (clock.monotonic() - readAt < tokenMaxAgeMs) return token;
    token = await read('token');
    readAt = clock.monotonic();
    return token;
  };
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    connection: { baseUrl: `https://${address}:${port}`, tls: { ca: await read('ca.crt') }, token: currentToken },
    namespace: await read('namespace'),
  };
}
