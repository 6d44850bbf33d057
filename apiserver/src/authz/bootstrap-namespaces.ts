import { isAlreadyExists, type KubeObject, resourceType } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

const namespaces = resourceType<KubeObject>('', 'v1', 'Namespace', 'namespaces', 'Cluster');

/** The namespaces that every server has. KA-109 */
export const bootstrapNamespaces: readonly string[] = Object.freeze([
  'default',
  'kube-system',
  'kube-public',
  'kube-node-lease',
]);

/** Makes the bootstrap namespaces where they do not exist. Safe at every start, and on several hubs at once. KA-148 */
export async function ensureBootstrapNamespaces(client: Client, signal?: AbortSignal): Promise<void> {
  await Promise.all(bootstrapNamespaces.map((name) => ensureNamespace(client, name, signal)));
}

async function ensureNamespace(client: Client, name: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await client.create(namespaces, namespace, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
