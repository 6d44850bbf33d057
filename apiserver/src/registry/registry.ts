import { groupResourceName } from '@quarterdeck/apis';
import type { ResourceDefinition, Subresource, VersionDefinition } from './definition.ts';
import { compareGroups, compareVersions } from './order.ts';

/** One resource of one served version: what a request for `/apis/GROUP/VERSION/PLURAL` is about. */
export interface ResolvedResource {
  readonly definition: ResourceDefinition;
  readonly version: VersionDefinition;
}

export interface RegistryChange {
  /** Before the change; absent when the resource is new. */
  readonly previous: ResourceDefinition | undefined;
  /** After the change; absent when the resource was removed. */
  readonly current: ResourceDefinition | undefined;
}

/**
 * The one registry of kinds. KA-4. It is the only mutable part; the definitions in it are immutable and may be shared
 * by any number of servers.
 */
export interface Registry {
  /** Adds a resource, or replaces the one of the same group and plural. */
  register(definition: ResourceDefinition): void;
  /** Removes a resource; unknown ones are ignored. */
  unregister(group: string, plural: string): void;
  /** The definition of a resource, whatever its versions. */
  get(group: string, plural: string): ResourceDefinition | undefined;
  /** A served version of a resource; undefined is a 404. */
  resolve(group: string, version: string, plural: string): ResolvedResource | undefined;
  /** A served version by kind. */
  resolveKind(group: string, version: string, kind: string): ResolvedResource | undefined;
  /** By the name that storage knows a resource by, `plural.group`. */
  byStorageName(name: string): ResourceDefinition | undefined;
  /** All definitions; groups in discovery order, resources by plural. */
  list(): readonly ResourceDefinition[];
  /** What is announced: groups in discovery order, each with its served versions in preference order. KA-13 */
  groups(): readonly RegistryGroup[];
  /** Rises with every change; caches of what is derived from the registry compare it. */
  readonly generation: number;
  /** Calls back after every change, synchronously. */
  onChange(listener: (change: RegistryChange) => void): Disposable;
}

export interface RegistryGroup {
  readonly name: string;
  readonly versions: readonly { readonly name: string; readonly resources: readonly ResolvedResource[] }[];
}

/** Subresources that the server adds to kinds which cannot name them themselves, by `plural.group`: those of CRDs. */
export type AddedSubresources = ReadonlyMap<string, Readonly<Record<string, Subresource>>>;

export function createRegistry(
  initial: readonly ResourceDefinition[] = [],
  added: AddedSubresources = new Map(),
): Registry {
  const extend = extender(added);
  const definitions = new Map<string, ResourceDefinition>();
  const listeners = new Set<(change: RegistryChange) => void>();
  let generation = 0;
  let sorted: readonly ResourceDefinition[] | undefined;
  let grouped: readonly RegistryGroup[] | undefined;

  const changed = (change: RegistryChange) => {
    generation += 1;
    sorted = undefined;
    grouped = undefined;
    for (const listener of [...listeners]) listener(change);
  };
  const list = () => {
    sorted ??= [...definitions.values()].sort(compareDefinitions);
    return sorted;
  };

  const registry: Registry = {
    register(given) {
      const definition = extend(given);
      const key = groupResourceName(definition);
      const previous = definitions.get(key);
      if (previous === definition) return;
      definitions.set(key, definition);
      changed({ previous, current: definition });
    },
    unregister(group, plural) {
      const key = groupResourceName({ group, plural });
      const previous = definitions.get(key);
      if (previous === undefined) return;
      definitions.delete(key);
      changed({ previous, current: undefined });
    },
    get: (group, plural) => definitions.get(groupResourceName({ group, plural })),
    resolve(group, version, plural) {
      const definition = definitions.get(groupResourceName({ group, plural }));
      const found = definition?.versions.find((candidate) => candidate.served && candidate.name === version);
      return definition === undefined || found === undefined ? undefined : { definition, version: found };
    },
    resolveKind(group, version, kind) {
      const definition = list().find((candidate) => candidate.group === group && candidate.kind === kind);
      return definition === undefined ? undefined : registry.resolve(group, version, definition.plural);
    },
    byStorageName: (name) => definitions.get(name),
    list,
    groups() {
      grouped ??= groupDefinitions(list());
      return grouped;
    },
    get generation() {
      return generation;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  for (const definition of initial) registry.register(definition);
  return registry;
}

/** The same for the same definition, so that registering it twice is still no change. */
function extender(added: AddedSubresources): (definition: ResourceDefinition) => ResourceDefinition {
  const known = new WeakMap<ResourceDefinition, ResourceDefinition>();
  return (definition) => {
    const extra = added.get(groupResourceName(definition));
    if (extra === undefined) return definition;
    const extended = known.get(definition) ?? {
      ...definition,
      versions: definition.versions.map((each) => ({ ...each, subresources: { ...each.subresources, ...extra } })),
    };
    known.set(definition, extended);
    return extended;
  };
}

function compareDefinitions(a: ResourceDefinition, b: ResourceDefinition): number {
  return compareGroups(a.group, b.group) || (a.plural < b.plural ? -1 : a.plural > b.plural ? 1 : 0);
}

/** The name under which a definition's objects are stored: its own, or that of the kind it is a view of. */
export function storageName(definition: ResourceDefinition): string {
  return groupResourceName(definition.storedAs ?? definition);
}

function groupDefinitions(definitions: readonly ResourceDefinition[]): RegistryGroup[] {
  const groups = new Map<string, Map<string, ResolvedResource[]>>();
  for (const definition of definitions.filter(({ unannounced }) => unannounced !== true)) {
    for (const version of definition.versions.filter((candidate) => candidate.served)) {
      const versions = groups.get(definition.group) ?? new Map<string, ResolvedResource[]>();
      groups.set(definition.group, versions);
      versions.set(version.name, [...(versions.get(version.name) ?? []), { definition, version }]);
    }
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .sort(([a], [b]) => compareVersions(a, b))
      .map(([version, resources]) => ({ name: version, resources })),
  }));
}
