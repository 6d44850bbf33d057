import { createHash } from 'node:crypto';
import { apiVersionOf } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { ResourceDefinition } from '../../registry/definition.ts';
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
  const hash = storageVersionHash(definition);
  return {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.scope === 'Namespaced',
    kind: definition.kind,
    verbs: [...sortedVerbs(definition.verbs)],
    ...(definition.shortNames.length === 0 ? {} : { shortNames: [...definition.shortNames] }),
    ...(definition.categories.length === 0 ? {} : { categories: [...definition.categories] }),
    ...(hash === undefined ? {} : { storageVersionHash: hash }),
  };
}

/**
 * Changes when objects are stored in another version, so that migrators see it; opaque to clients. A view shows what its
 * owner stores.
 * @returns undefined for kinds that are not stored
 */
function storageVersionHash({ group, storageVersion, kind, verbs, storedAs }: ResourceDefinition): string | undefined {
  if (!verbs.includes('list')) return undefined;
  const stored = [storedAs?.group ?? group, storageVersion, kind].join('/');
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
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
