import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import {
  ageColumn,
  atomicList,
  conditionColumn,
  conditions,
  count,
  dateTime,
  int64,
  resourceIdentifier,
} from '../../kinds/fields.ts';
import { maxFeedbackFields } from './health-rule.ts';

const replicas = z.object({
  desired: count().describe('Replicas asked for.').exactOptional(),
  ready: count().describe('Replicas that are ready.').exactOptional(),
  available: count().describe('Replicas that have been ready for long enough.').exactOptional(),
  updated: count().describe('Replicas of the current template.').exactOptional(),
  unschedulable: count()
    .describe(
      'Replicas that no node was found for since 60 s or longer. Absent: none, or the executor may not list pods.',
    )
    .exactOptional(),
});

const drift = z
  .object({
    state: z
      .enum(['Repaired', 'Reported', 'Waiting', 'Paused'])
      .describe(
        'What was done about it. Repaired: our values are back. Reported: it stands, as the drift policy says. Waiting: it was changed too often, and the next repair waits. Paused: it stands for as long as the object or its Work carries quarterdeck.dev/pause-repair.',
      ),
    firstSeenTime: dateTime().describe('When the first change of this series was seen.'),
    lastSeenTime: dateTime().describe('When the newest change was seen.'),
    repairs: count().describe('How often our values were put back since firstSeenTime.').exactOptional(),
    isMissing: z.boolean().describe('The whole object was gone.').exactOptional(),
    fields: atomicList(
      z
        .object({
          path: z.string().max(1024).describe('Path of the field, as in Kubernetes\u2019 conflict messages.'),
          wanted: z
            .string()
            .max(256)
            .describe(
              'The value in the manifest, as JSON, shortened. Absent: the manifest says nothing about the field.',
            )
            .exactOptional(),
          seen: z
            .string()
            .max(256)
            .describe('The value on the member, as JSON, shortened. Absent: the field was not there.')
            .exactOptional(),
          manager: z
            .string()
            .max(256)
            .describe('The field manager that changed it. Absent: the object does not tell.')
            .exactOptional(),
        })
        .describe('One field. Data of Secrets is never shown.'),
    )
      .max(100)
      .describe('The fields that were changed; at most 100.')
      .exactOptional(),
  })
  .describe('Fields of ours that somebody changed on the member.');

const feedback = z
  .object({
    name: z.string().max(63).describe('Name of the field, as asked for.'),
    value: z
      .string()
      .max(1024)
      .describe(
        'The value as JSON; of at most 1024 characters. Beside an error: as it was read last. Absent: it was never read.',
      )
      .exactOptional(),
    error: z.string().max(256).describe('Why the value could not be read this time. Absent: it was.').exactOptional(),
    rule: z
      .string()
      .max(253)
      .describe('The HealthRule that asks for the field. Absent: the manifest or its Work does.')
      .exactOptional(),
  })
  .describe('One field of the live object that was asked for.');

const manifestReport = z
  .object({
    identifier: resourceIdentifier().describe('Which manifest of the Work, and which object on the member.'),
    health: z
      .enum(['Healthy', 'Progressing', 'Degraded', 'Unknown'])
      .describe(
        'How the object is doing by the rules of its kind. Unknown: there is no rule, or nothing was seen yet.',
      ),
    reason: z.string().max(128).describe('One CamelCase word about the health.').exactOptional(),
    message: z.string().max(1024).describe('Details for people.').exactOptional(),
    healthSince: dateTime()
      .describe('Since when the object has this health, for the manifest as it is. Absent: nothing was seen yet.')
      .exactOptional(),
    appliedHash: z
      .string()
      .max(64)
      .describe('Hash of the manifest that was last applied with success. Absent: never applied.')
      .exactOptional(),
    appliedGeneration: int64()
      .min(0)
      .describe('The metadata.generation of the object on the member. Absent: it has none.')
      .exactOptional(),
    replicas: replicas.describe('Replica counts of a workload. Absent for other kinds.').exactOptional(),
    observation: z
      .enum(['Namespace', 'Polling'])
      .describe(
        'How changes on the member are noticed when the executor may not watch the whole kind. Namespace: by a watch of the namespace. Polling: by looking every 30 s. Absent: by one watch of the kind.',
      )
      .exactOptional(),
    fields: atomicList(feedback)
      .max(2 * maxFeedbackFields)
      .describe(
        'The fields that were asked for: with quarterdeck.dev/feedback-fields in their order, then those of the HealthRule of the kind.',
      )
      .exactOptional(),
    drift: drift.describe('The newest drift. Absent: none since the manifest was last changed.').exactOptional(),
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
        conditionColumn('FieldsRead', 'Fields'),
        { name: 'Reported', type: 'date', jsonPath: '.status.lastReportTime' },
        ageColumn,
      ],
      schema: z.object({
        status: z
          .object({
            observedWorkGeneration: int64().min(0).describe('The metadata.generation of the Work that was looked at.'),
            conditions: conditions(
              'Observed states: Complete says whether everything that was seen fitted in; FieldsRead, where fields were asked for, whether all of them were read.',
            ).exactOptional(),
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
export type DriftReport = NonNullable<ManifestReport['drift']>;
export type FeedbackReport = NonNullable<ManifestReport['fields']>[number];
