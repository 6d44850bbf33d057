import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, conditionColumn, conditions } from '../../kinds/fields.ts';

/**
 * When an object of a kind is healthy, in the words of who knows the kind. Delivered to every agent; it stands before the
 * rules that agents have of their own. DL-22
 */
export const HealthRule = defineKind({
  group: 'quarterdeck.dev',
  kind: 'HealthRule',
  plural: 'healthrules',
  singular: 'healthrule',
  shortNames: ['hr'],
  categories: ['quarterdeck'],
  scope: 'Cluster',
  description: 'When objects of one kind count as healthy on the members, as expressions over the object.',
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        { name: 'Group', type: 'string', jsonPath: '.spec.target.group' },
        { name: 'Kind', type: 'string', jsonPath: '.spec.target.kind' },
        conditionColumn('Readable'),
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            target: z
              .object({
                group: z.string().max(253).default('').describe('API group of the kind; empty for the core group.'),
                kind: z.string().min(1).max(63).describe('The kind, at whatever version.'),
              })
              .describe('The kind that the rule is about. Of two rules for one kind the one first by name counts.'),
            states: atomicList(
              z
                .object({
                  health: z
                    .enum(['Healthy', 'Progressing', 'Degraded', 'Unknown'])
                    .describe('What the object then is.'),
                  when: z
                    .string()
                    .min(1)
                    .max(4096)
                    .describe(
                      'An expression in CEL, with `object` for the live object, that gives true or false. Absent fields are to be asked for with `has(object.status.x)` or `object.?status.?x`.',
                    ),
                  reason: z
                    .string()
                    .max(64)
                    .regex(/^([A-Z][A-Za-z0-9]*)?$/)
                    .describe('One CamelCase word for reports. Absent: none.')
                    .exactOptional(),
                  message: z
                    .string()
                    .max(4096)
                    .describe('An expression in CEL that gives a text for people. Absent: none.')
                    .exactOptional(),
                })
                .describe('One state.'),
            )
              .min(1)
              .max(16)
              .describe('Asked in this order; the first that is true counts.'),
            otherwise: z
              .enum(['Healthy', 'Progressing', 'Degraded', 'Unknown'])
              .default('Progressing')
              .describe('What the object is when no state is true.'),
            awaitsObservedGeneration: z
              .enum(['Always', 'WhenPresent', 'Never'])
              .default('WhenPresent')
              .describe(
                'Whether an object whose status.observedGeneration is behind counts as progressing before any state is asked. Always: one without the field too.',
              ),
          })
          .describe('The rule.'),
        status: z
          .object({
            conditions: conditions(
              'Observed states: Readable says whether every expression can be read.',
            ).exactOptional(),
          })
          .describe('What the hub says of it.')
          .exactOptional(),
      }),
    },
  ],
});
export type HealthRule = ObjectOf<typeof HealthRule>;
