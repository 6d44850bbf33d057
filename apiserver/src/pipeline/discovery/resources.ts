import type { GroupVersionKind } from '@quarterdeck/apis';
import type { Subresource, Verb } from '../../registry/definition.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import { subresourceVerbs } from '../handlers/subresource.ts';

/** A subresource as discovery and OpenAPI show it. */
export interface ShownSubresource {
  readonly name: string;
  readonly kind: GroupVersionKind;
  readonly verbs: readonly Verb[];
}

/** The subresources of a resource, by name. */
export function shownSubresources(resource: ResolvedResource): readonly ShownSubresource[] {
  const { subresources } = resource.version;
  return Object.keys(subresources)
    .sort()
    .flatMap((name) => {
      const subresource = subresources[name];
      return subresource === undefined
        ? []
        : [{ name, kind: kindOf(subresource, resource), verbs: sortedVerbs(subresourceVerbs(subresource)) }];
    });
}

function kindOf(subresource: Subresource, { definition, version }: ResolvedResource): GroupVersionKind {
  switch (subresource.type) {
    case 'status':
      return { group: definition.group, version: version.name, kind: definition.kind };
    case 'scale':
      return { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    case 'part':
      return { group: definition.group, version: version.name, kind: subresource.kind };
    case 'connect':
      return { group: definition.group, version: version.name, kind: subresource.kind };
    case 'action':
    case 'order':
      return { group: subresource.group, version: subresource.version, kind: subresource.kind };
    default:
      return subresource satisfies never;
  }
}

/** Discovery lists verbs by name. */
export function sortedVerbs(verbs: readonly Verb[]): readonly Verb[] {
  return [...verbs].sort();
}
