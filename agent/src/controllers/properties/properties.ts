import {
  agentFieldManager,
  apiVersionOf,
  ClusterProperty,
  ignoreNotFound,
  isAlreadyExists,
  type MemberCluster,
  propertyName,
  type Stored,
} from '@quarterdeck/apis';
import type { Client, Informer, Logger } from '@quarterdeck/machinery';

export interface PropertiesOptions {
  readonly memberClient: Client;
  readonly member: Informer<MemberCluster>;
  readonly clusterName: string;
  /** Identity to give a cluster that has none. AB-16 */
  readonly clusterUID: string;
  readonly logger: Logger;
}

/**
 * Keeps the two well-known properties of the cluster: its identity, written only if absent (AB-28), and its set, once the
 * hub has recorded the membership (AB-29). Properties of others are never touched. Ends with the signal.
 */
export async function runProperties(options: PropertiesOptions, signal: AbortSignal): Promise<void> {
  const { memberClient, member, clusterName, clusterUID, logger } = options;
  const keep = async () => {
    try {
      await createIfAbsent(memberClient, propertyName.clusterId, clusterUID, signal);
      const registration = member.get(clusterName);
      if (registration !== undefined) await keepMembership(memberClient, registration, signal);
    } catch (error) {
      if (!signal.aborted)
        logger.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          'cannot keep the cluster properties',
        );
    }
  };
  await member.synced.catch(() => {});
  await keep();
  let before = '';
  member.subscribe(({ object }) => {
    const now = `${object.spec.acceptance} ${object.spec.clusterSet}`;
    if (now === before) return;
    before = now;
    void keep();
  });
}

/** AB-21 to AB-23: an immutable value that changes is another membership, so delete and create. */
async function keepMembership(
  memberClient: Client,
  registration: Stored<MemberCluster>,
  signal: AbortSignal,
): Promise<void> {
  const name = propertyName.clusterSet;
  const wanted = registration.spec.acceptance === 'Accepted' ? registration.spec.clusterSet : undefined;
  const existing = await ignoreNotFound(memberClient.get(ClusterProperty, { name }, { signal }));
  if (existing !== undefined && existing.spec?.value !== wanted) {
    await memberClient.delete(ClusterProperty, { name }, { preconditions: { uid: existing.metadata.uid }, signal });
  }
  if (wanted !== undefined && existing?.spec?.value !== wanted)
    await createIfAbsent(memberClient, name, wanted, signal);
}

async function createIfAbsent(memberClient: Client, name: string, value: string, signal: AbortSignal): Promise<void> {
  if ((await ignoreNotFound(memberClient.get(ClusterProperty, { name }, { signal }))) !== undefined) return;
  const object: ClusterProperty = {
    apiVersion: apiVersionOf(ClusterProperty),
    kind: ClusterProperty.kind,
    metadata: { name },
    spec: { value },
  };
  try {
    await memberClient.create(ClusterProperty, object, { signal, fieldManager: agentFieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
