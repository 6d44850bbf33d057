import { apiVersionOf } from '@quarterdeck/apis';
import { shownSubresources } from '../pipeline/discovery/resources.ts';
import type { ActionHandler, ResourceDefinition } from '../registry/definition.ts';
import { createRegistry } from '../registry/registry.ts';
import { builtinDefinitions } from './builtins.ts';
import { dataDefinitions } from './definitions.ts';
import { describeKind } from './tables/descriptions/describe.ts';

/** One resource of one version, as discovery shows it. */
export interface CatalogEntry {
  /** `v1`, `apps/v1` */
  readonly apiVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
  /** One sentence or two. */
  readonly purpose: string;
  /** Whether each server has it; the others are those of `dataDefinitions`. */
  readonly isBasic: boolean;
}

const unasked: ActionHandler = () => Promise.reject(new Error('a catalog answers nothing'));

/** Every built-in kind but CustomResourceDefinition, in the order of discovery. For documents. KA-1, KA-2, KA-3 */
export function builtinCatalog(): readonly CatalogEntry[] {
  const basic = builtinDefinitions({
    token: unasked,
    reviews: {
      tokenReview: unasked,
      selfSubjectReview: unasked,
      subjectAccessReview: unasked,
      localSubjectAccessReview: unasked,
      selfSubjectAccessReview: unasked,
      selfSubjectRulesReview: unasked,
    },
  });
  const isBasic = (definition: ResourceDefinition) => basic.includes(definition);
  const registry = createRegistry([...basic, ...dataDefinitions]);
  return registry.groups().flatMap(({ name: group, versions }) =>
    versions.flatMap(({ name: version, resources }) =>
      resources.map((resource) => {
        const { definition } = resource;
        return {
          apiVersion: apiVersionOf({ group, version }),
          plural: definition.plural,
          kind: definition.kind,
          isNamespaced: definition.scope === 'Namespaced',
          shortNames: definition.shortNames,
          verbs: [...definition.verbs].sort(),
          subresources: shownSubresources(resource).map(({ name }) => name),
          purpose: describeKind({ group, version, kind: definition.kind, message: '' }) ?? '',
          isBasic: isBasic(definition),
        };
      }),
    ),
  );
}
