import type { ResourceDefinition } from '../../registry/definition.ts';
import { type Registry, storageName } from '../../registry/registry.ts';
import type { Equivalent, Target } from './match.ts';

/** Finds the other resources that show the objects of a request's resource, with its subresource; told anew when kinds change. */
export function createEquivalents(
  registry: Pick<Registry, 'get' | 'list' | 'generation'>,
): (target: Target) => readonly Equivalent[] {
  let generation = -1;
  let byStorage = new Map<string, ResourceDefinition[]>();
  const definitions = (name: string): readonly ResourceDefinition[] => {
    if (generation !== registry.generation) {
      generation = registry.generation;
      byStorage = new Map();
      for (const definition of registry.list()) {
        const key = storageName(definition);
        byStorage.set(key, [...(byStorage.get(key) ?? []), definition]);
      }
    }
    return byStorage.get(name) ?? [];
  };
  return ({ group, version, resource, subresource }) => {
    const own = registry.get(group, resource);
    if (own === undefined) return [];
    return definitions(storageName(own)).flatMap((definition) =>
      definition.versions
        .filter(
          ({ served, subresources }) => served && (subresource === '' || Object.hasOwn(subresources, subresource)),
        )
        .filter(({ name }) => definition.group !== group || name !== version)
        .map(({ name }) => ({
          group: definition.group,
          version: name,
          resource: definition.plural,
          kind: definition.kind,
        })),
    );
  };
}
