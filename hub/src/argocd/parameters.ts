import type { ClusterProfile, Stored } from '@quarterdeck/apis';
import type { DecidedCluster, FollowedDecision, JsonObject } from '@quarterdeck/machinery';

/** Reads the profile of a cluster; undefined: missing, or not to be read. */
export type ProfileOf = (cluster: DecidedCluster) => Stored<ClusterProfile> | undefined;

/**
 * One set of template parameters for each cluster of a decision, in its order. Every key is always there, for templates with
 * `missingkey=error`; what is not known is empty. A cluster whose profile is missing is among them: leaving it out would make
 * Argo CD delete what runs there. PD-20, PD-22
 */
export function parametersOf({ clusters }: FollowedDecision, profileOf: ProfileOf): JsonObject[] {
  return clusters.map((cluster, index) => {
    const profile = profileOf(cluster);
    const { displayName } = profile?.spec ?? {};
    const { properties = [], version } = profile?.status ?? {};
    return {
      name: cluster.name,
      profileNamespace: cluster.namespace,
      index: String(index),
      reason: cluster.reason ?? '',
      displayName: displayName ?? cluster.name,
      server: serverOf(profile),
      kubernetesVersion: version?.kubernetes ?? '',
      labels: { ...profile?.metadata.labels },
      properties: Object.fromEntries(properties.map(({ name, value }) => [name, value])),
    };
  });
}

/** The first URL that the profile offers; the newer list before the older. */
function serverOf(profile: Stored<ClusterProfile> | undefined): string {
  const { accessProviders = [], credentialProviders = [] } = profile?.status ?? {};
  return (
    [...accessProviders, ...credentialProviders].find(({ cluster }) => cluster !== undefined)?.cluster?.server ?? ''
  );
}
