import { z } from 'zod';
import { memberSignerName } from '../../constants/identity.ts';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, dnsLabel, int32, labelValue, setOf } from '../../kinds/fields.ts';
import { labelKeys, validations } from '../../kinds/rules.ts';
import { taints } from './taint.ts';

/** Everybody is nobody in particular: such a rule would accept whoever reaches the hub. RG-3 */
const nobodyInParticular = {
  rule: "self.kind != 'Group' || !(self.name in ['system:authenticated', 'system:unauthenticated'])",
  message: 'a group of everybody cannot be a requester',
  fieldPath: '.name',
};

/** Which clusters are accepted without a person, and what they are given. Deny by default. RG-3 */
export const AcceptanceRule = defineKind({
  group: 'quarterdeck.dev',
  kind: 'AcceptanceRule',
  plural: 'acceptancerules',
  singular: 'acceptancerule',
  shortNames: ['ar'],
  categories: ['quarterdeck'],
  scope: 'Cluster',
  description:
    'Accepts clusters that ask to join without a person: who may ask, for which names, and what the clusters are given. A request that no rule matches waits.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: [],
      columns: [
        { name: 'Set', type: 'string', jsonPath: '.spec.clusterSet' },
        { name: 'Clusters', type: 'string', jsonPath: '.spec.clusterNames' },
        { name: 'Max', type: 'integer', jsonPath: '.spec.maxClusters' },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            requesters: atomicList(
              z
                .object({
                  kind: z.enum(['User', 'Group']).describe('Whether the name is that of a user or of a group.'),
                  name: z
                    .string()
                    .min(1)
                    .max(253)
                    .describe(
                      'The name as the hub authenticates it, exactly: `system:serviceaccount:infra:provisioner`, or `system:bootstrappers:quarterdeck` for everyone with a join token.',
                    ),
                })
                .meta(validations(nobodyInParticular))
                .describe('Who asks for the certificate of the agent.'),
            )
              .min(1)
              .max(32)
              .describe('Who may ask; one that matches is enough.'),
            clusterNames: setOf(
              z
                .string()
                .min(1)
                .max(63)
                .regex(/^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/),
            )
              .min(1)
              .max(32)
              .describe(
                'Names that may be asked for; `*` stands for any run of characters. One that matches is enough.',
              ),
            signerNames: setOf(z.string().min(1).max(571))
              .min(1)
              .max(8)
              .default([memberSignerName])
              .describe(
                'Signers that the certificate may be asked of. For others than the default the hub needs the verb approve on them.',
              ),
            clusterSet: dnsLabel().default('default').describe('The ClusterSet that the clusters go to.'),
            labels: z
              .record(z.string(), labelValue())
              .meta({ maxProperties: 64, ...validations(labelKeys) })
              .describe('Labels that the MemberClusters are given. Absent: none.')
              .exactOptional(),
            taints: taints()
              .describe('Taints that the MemberClusters are given, at most one for each key and effect. Absent: none.')
              .exactOptional(),
            maxClusters: int32()
              .min(1)
              .max(10000)
              .default(100)
              .describe('How many clusters the rule may have accepted at one time; the next one waits.'),
          })
          .describe('The rule.'),
      }),
    },
  ],
});
export type AcceptanceRule = ObjectOf<typeof AcceptanceRule>;
