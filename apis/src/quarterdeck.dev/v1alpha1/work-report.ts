import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, count, dateTime, int64, resourceIdentifier } from '../../kinds/fields.ts';

const replicas = z.object({
  desired: count().describe('Replicas asked for.').exactOptional(),
  ready: count().describe('Replicas that are ready.').exactOptional(),
  available: count().describe('Replicas that have been ready for long enough.').exactOptional(),
  updated: count().describe('Replicas of the current template.').exactOptional(),
});

const manifestReport = z
  .object({
    identifier: resourceIdentifier().describe('Which manifest of the Work, and which object on the member.'),
    health: z
      .enum(['Healthy', 'Progressing', 'Degraded', 'Unknown'])
      .describe(
        'How the object is doing by the rules of its kind. Unknown: there is no rule, or nothing was seen yet.',
      ),
    message: z.string().max(1024).describe('Details for people.').exactOptional(),
    appliedHash: z
      .string()
      .max(64)
      .describe('Hash of the manifest that was last applied with success. Absent: never applied.')
      .exactOptional(),
    replicas: replicas.describe('Replica counts of a workload. Absent for other kinds.').exactOptional(),
  })
  .describe('What the agent sees of one object.');

/**
 * What the agent saw of a Work's objects beyond the standard Work status; it has the name and namespace of the Work. The
 * whole object is the report and only the agent writes it, so there is no status subresource: one write creates it
 * complete. DL-23
 */
export const WorkReport = defineKind({
  group: 'quarterdeck.dev',
  kind: 'WorkReport',
  plural: 'workreports',
  singular: 'workreport',
  shortNames: ['wr'],
  categories: ['quarterdeck'],
  scope: 'Namespaced',
  description: 'What the agent sees of the objects of the Work with the same name, beyond the status of the Work.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: [],
      columns: [
        { name: 'Generation', type: 'integer', jsonPath: '.status.observedWorkGeneration' },
        { name: 'Reported', type: 'date', jsonPath: '.status.lastReportTime' },
        ageColumn,
      ],
      schema: z.object({
        status: z
          .object({
            observedWorkGeneration: int64().min(0).describe('The metadata.generation of the Work that was looked at.'),
            lastReportTime: dateTime()
              .describe('When this report was written; it is written on change only.')
              .exactOptional(),
            manifests: atomicList(manifestReport)
              .describe('One entry for each manifest, in the order of the Work.')
              .exactOptional(),
          })
          .describe('What the agent last saw.')
          .exactOptional(),
      }),
    },
  ],
});
export type WorkReport = ObjectOf<typeof WorkReport>;
export type WorkReportStatus = NonNullable<WorkReport['status']>;
export type ManifestReport = NonNullable<WorkReportStatus['manifests']>[number];
export type ManifestHealth = ManifestReport['health'];
