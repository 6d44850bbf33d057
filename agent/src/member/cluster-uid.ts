import { Namespace } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

/**
 * How the cluster is told from another one of its name: the namespace kube-system is in every cluster, and lives as long as
 * it. Asked once, and again only after a failure. RG-4, AB-16
 */
export function clusterUIDOf(memberClient: Pick<Client, 'get'>, signal: AbortSignal): () => Promise<string> {
  let answer: Promise<string> | undefined;
  const ask = async () => (await memberClient.get(Namespace, { name: 'kube-system' }, { signal })).metadata.uid;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
