import { type ResourceType, resourceType } from '@quarterdeck/apis';
import type { Registry } from '../registry/registry.ts';
import type { ResourceSource } from './context.ts';

/** The registry as controllers see it: stored kinds only, no second views of the same objects. */
export function registryResources(
  registry: Pick<Registry, 'list' | 'groups' | 'generation' | 'onChange'>,
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
    onChange: (listener) => registry.onChange(() => listener()),
  };
}

function storedTypes(registry: Pick<Registry, 'list'>): ResourceType[] {
  return registry.list().flatMap((definition) => {
    const version = definition.versions.find(({ served }) => served);
    const isStored = definition.storedAs === undefined && definition.verbs.includes('delete');
    if (version === undefined || !isStored) return [];
    return [resourceType(definition.group, version.name, definition.kind, definition.plural, definition.scope)];
  });
}
