import { ClusterProfile, clusterSetNamespaceName, ignoreNotFound, type MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

/** Where the API of a member is served. */
export interface Door {
  readonly server: string;
  /** Absent: as the hub itself is known. */
  readonly caPem?: string;
}

/**
 * The port of the hub program beside a Kubernetes hub, as the member's profile names it: the one in the namespace of its
 * ClusterSet and no other, since whoever may write a profile somewhere else would be sent the credentials of the reader.
 * Undefined: it names none. RG-53
 */
export async function offeredDoor(
  client: Pick<Client, 'get'>,
  { metadata, spec, status }: MemberCluster,
): Promise<Door | undefined> {
  const ref = { namespace: clusterSetNamespaceName(status?.clusterSet ?? spec.clusterSet), name: metadata.name ?? '' };
  const profile = await ignoreNotFound(client.get(ClusterProfile, ref));
  const offered = profile?.status?.accessProviders?.find(({ name }) => name === 'quarterdeck-tunnel')?.cluster;
  if (offered === undefined) return undefined;
  const ca = offered['certificate-authority-data'];
  return {
    server: offered.server,
    ...(ca === undefined ? {} : { caPem: Buffer.from(ca, 'base64').toString('utf8') }),
  };
}
