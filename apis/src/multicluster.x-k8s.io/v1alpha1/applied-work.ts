import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, appliedResource } from '../../kinds/fields.ts';

/** On the member: what the agent applied for one Work; owner of those objects. WK-6 to WK-9, WK-29, WK-30 */
export const AppliedWork = defineKind({
  group: 'multicluster.x-k8s.io',
  kind: 'AppliedWork',
  plural: 'appliedworks',
  singular: 'appliedwork',
  categories: ['multicluster'],
  scope: 'Cluster',
  description: 'What an agent applied on this cluster for one Work of the hub. Deleting it removes those objects.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        { name: 'Work', type: 'string', jsonPath: '.spec.workName' },
        { name: 'Namespace', type: 'string', jsonPath: '.spec.workNamespace' },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            workName: z.string().describe('Name of the Work on the hub.'),
            workNamespace: z.string().describe('Namespace of the Work on the hub.'),
          })
          .describe('The Work on the hub that this object stands for.'),
        status: z
          .object({
            appliedResources: z
              .array(appliedResource().describe('One object on this cluster.'))
              .describe('Every object that was applied, or was about to be, and is not yet removed.')
              .exactOptional(),
          })
          .describe('The journal of the agent.')
          .exactOptional(),
      }),
    },
  ],
});
export type AppliedWork = ObjectOf<typeof AppliedWork>;
