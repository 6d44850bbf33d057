import { apiVersionOf } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { RegistryGroup, ResolvedResource } from '../../registry/registry.ts';
import { shownSubresources, sortedVerbs } from './resources.ts';

/** Discovery in its old form: one document for the groups, one for each group version. KA-10 */

export function apiVersions(): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }],
  };
}

export function apiGroupList(groups: readonly RegistryGroup[]): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.filter((group) => group.name !== '').map(groupFields),
  };
}

export function apiGroup(group: RegistryGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) };
}

function groupFields(group: RegistryGroup): JsonObject {
  const versions = group.versions.map(({ name }) => ({
    groupVersion: apiVersionOf({ group: group.name, version: name }),
    version: name,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] ?? {} };
}

export function apiResourceList(groupVersion: string, resources: readonly ResolvedResource[]): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.flatMap((resource) => [mainResource(resource), ...subresources(resource)]),
  };
}

function mainResource({ definition }: ResolvedResource): JsonObject {
  return {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.scope === 'Namespaced',
    kind: definition.kind,
    verbs: [...sortedVerbs(definition.verbs)],
    ...(definition.shortNames.length === 0 ? {} : { shortNames: [...definition.shortNames] }),
    ...(definition.categories.length === 0 ? {} : { categories: [...definition.categories] }),
  };
}

function subresources(resource: ResolvedResource): JsonObject[] {
  const { definition, version } = resource;
  return shownSubresources(resource).map(({ name, kind, verbs }) => ({
    name: `${definition.plural}/${name}`,
    singularName: '',
    namespaced: definition.scope === 'Namespaced',
    ...(kind.group === definition.group && kind.version === version.name
      ? {}
      : { group: kind.group, version: kind.version }),
    kind: kind.kind,
    verbs: [...verbs],
  }));
}
