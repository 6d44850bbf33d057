import type { GroupVersionKind } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { RegistryGroup, ResolvedResource } from '../../registry/registry.ts';
import { shownSubresources, sortedVerbs } from './resources.ts';

export type AggregatedVersion = 'v2' | 'v2beta1';

/** All groups with all their resources in one document. KA-11, KA-12 */
export function groupDiscoveryList(groups: readonly RegistryGroup[], version: AggregatedVersion): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map(({ name, resources }) => ({
        version: name,
        resources: resources.map(resourceDiscovery),
        freshness: 'Current',
      })),
    })),
  };
}

function resourceDiscovery(resource: ResolvedResource): JsonObject {
  const { definition, version } = resource;
  const subresources = shownSubresources(resource).map(({ name, kind, verbs }) => ({
    subresource: name,
    responseKind: shownKind(resource, kind),
    verbs: [...verbs],
  }));
  return {
    resource: definition.plural,
    responseKind: shownKind(resource, { group: definition.group, version: version.name, kind: definition.kind }),
    scope: definition.scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: [...sortedVerbs(definition.verbs)],
    ...(definition.shortNames.length === 0 ? {} : { shortNames: [...definition.shortNames] }),
    ...(definition.categories.length === 0 ? {} : { categories: [...definition.categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** Of built-in kinds, Kubernetes leaves out the group and version that stand above it. KA-12 */
function shownKind({ definition, version }: ResolvedResource, kind: GroupVersionKind): JsonObject {
  const isOwn = kind.group === definition.group && kind.version === version.name;
  return isOwn && definition.origin === 'builtin' ? { group: '', version: '', kind: kind.kind } : { ...kind };
}
