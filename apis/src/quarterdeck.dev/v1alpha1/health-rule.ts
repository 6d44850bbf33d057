import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import { ageColumn, atomicList, conditionColumn, conditions, listMap } from '../../kinds/fields.ts';
import { oneSource, saysSomething, validations } from '../../kinds/rules.ts';

/** So many of a manifest, and as many of its kind: together what a report holds of one object. DL-23 */
export const maxFeedbackFields = 32;

/** Of a field in reports, whoever asks for it. DL-23 */
const feedbackName = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

const feedbackField = z
  .object({
    name: z
      .string()
      .max(63)
      .regex(feedbackName)
      .describe('Name of the field in reports. A manifest or Work that asks for a field of this name goes before.'),
    jsonPath: z
      .string()
      .min(1)
      .max(1024)
      .describe('Where its value is in the live object, such as .status.phase, as in the columns of kubectl.')
      .exactOptional(),
    expression: z
      .string()
      .min(1)
      .max(4096)
      .describe('An expression in CEL, with `object` for the live object, that gives the value instead.')
      .exactOptional(),
  })
  .meta(validations(oneSource))
  .describe('One field; either by its path or by an expression.');

/**
 * When an object of a kind is healthy, and which of its fields reports show, in the words of who knows the kind. Delivered to
 * every agent; its states stand before the rules that agents have of their own. DL-22, DL-23
 */
export const HealthRule = defineKind({
  group: 'quarterdeck.dev',
  kind: 'HealthRule',
  plural: 'healthrules',
  singular: 'healthrule',
  shortNames: ['hr'],
  categories: ['quarterdeck'],
  scope: 'Cluster',
  description:
    'When objects of one kind count as healthy on the members, and which of their fields reports show, as expressions over the object.',
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
              .describe(
                'The kind that the rule is about. Of two rules for one kind the one first by name counts: for health the first with states, for fields the first with feedback.',
              ),
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
              .describe(
                'Asked in this order; the first that is true counts. Absent: agents judge the kind as if there were no rule.',
              )
              .exactOptional(),
            feedback: listMap(feedbackField, 'name')
              .min(1)
              .max(maxFeedbackFields)
              .describe('Fields of every object of the kind that its WorkReport shows. Absent: none.')
              .exactOptional(),
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
          .meta(validations(saysSomething))
          .describe('The rule.'),
        status: z
          .object({
            conditions: conditions(
              'Observed states: Readable says whether every expression and path can be read.',
            ).exactOptional(),
          })
          .describe('What the hub says of it.')
          .exactOptional(),
      }),
    },
  ],
});
export type HealthRule = ObjectOf<typeof HealthRule>;
