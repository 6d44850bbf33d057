import { type ResourceType, resourceType } from '@quarterdeck/apis';
import type { TypedKind } from '../admission/policy/type-check.ts';
import type { Registry, ResolvedResource } from '../registry/registry.ts';
import type { ResourceSource } from './context.ts';

/** The registry as controllers see it: stored kinds only, no second views of the same objects. */
export function registryResources(
  registry: Pick<Registry, 'list' | 'groups' | 'generation' | 'onChange' | 'resolve' | 'resolveKind'>,
): ResourceSource {
  let cached: { generation: number; types: readonly ResourceType[] } | undefined;
  return {
    list() {
      const { generation } = registry;
      if (cached?.generation !== generation) cached = { generation, types: storedTypes(registry) };
      return cached.types;
    },
    groups: () =>
      registry.groups().map(({ name, versions }) => ({
        name,
        versions: versions.map((version) => version.name),
        isCustom: versions.every(({ resources }) =>
          resources.every(({ definition }) => definition.origin === 'custom'),
        ),
      })),
    kinds: {
      byResource: (group, version, resource) => typedKind(registry.resolve(group, version, resource)),
      byKind: (group, version, kind) => typedKind(registry.resolveKind(group, version, kind)),
    },
    onChange: (listener) => registry.onChange(() => listener()),
  };
}

function typedKind(resource: ResolvedResource | undefined): TypedKind | undefined {
  if (resource === undefined) return undefined;
  const { definition, version } = resource;
  return { group: definition.group, version: version.name, kind: definition.kind, schema: version.schema };
}

function storedTypes(registry: Pick<Registry, 'list'>): ResourceType[] {
  return registry.list().flatMap((definition) => {
    const version = definition.versions.find(({ served }) => served);
    const isStored = definition.storedAs === undefined && definition.verbs.includes('delete');
    if (version === undefined || !isStored) return [];
    return [resourceType(definition.group, version.name, definition.kind, definition.plural, definition.scope)];
  });
}
