import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, conditionColumn, conditions, dnsLabel } from '../../kinds/fields.ts';

/** The tenancy gate: lets the placements of a namespace choose from a set. PL-1 */
export const ClusterSetBinding = defineKind({
  group: 'quarterdeck.dev',
  kind: 'ClusterSetBinding',
  plural: 'clustersetbindings',
  singular: 'clustersetbinding',
  shortNames: ['csb'],
  categories: ['quarterdeck'],
  scope: 'Namespaced',
  description:
    'Lets the placements of this namespace choose from a ClusterSet. Writing one needs the verb bind on that ClusterSet.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [{ name: 'Set', type: 'string', jsonPath: '.spec.clusterSet' }, conditionColumn('Bound'), ageColumn],
      schema: z.object({
        spec: z
          .object({ clusterSet: dnsLabel().describe('The ClusterSet to choose from; it may be created later.') })
          .describe('Which set is bound.'),
        status: z
          .object({ conditions: conditions('Observed states: Bound.').exactOptional() })
          .describe('What the hub last observed.')
          .exactOptional(),
      }),
    },
  ],
});
export type ClusterSetBinding = ObjectOf<typeof ClusterSetBinding>;
