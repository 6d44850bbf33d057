import { z } from 'zod';
import {
  dnsLabelPattern,
  dnsSubdomainPattern,
  labelKeyPattern,
  labelValuePattern,
  maxLabelKeyLength,
} from './patterns.ts';
import { labelKeys, selectorOperatorValues, validations } from './rules.ts';

export const int32 = () => z.int32().meta({ format: 'int32' });
export const int64 = () => z.int().meta({ format: 'int64' });
export const count = () => int32().min(0);
export const dnsLabel = () => z.string().min(1).max(63).regex(new RegExp(dnsLabelPattern));
export const objectName = () => z.string().min(1).max(253).regex(new RegExp(dnsSubdomainPattern));
export const labelKey = () => z.string().min(1).max(maxLabelKeyLength).regex(new RegExp(labelKeyPattern));
export const labelValue = () => z.string().max(63).regex(new RegExp(labelValuePattern));
/** RFC 3339. The schema carries only the format: the server parses it. */
export const dateTime = () => z.iso.datetime({ offset: true });

/** A list whose items are told apart by a field, so that several field managers can each own some. KA-100 */
export const listMap = <Item extends z.ZodType>(item: Item, ...keys: [string, ...string[]]) =>
  z.array(item).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
export const setOf = <Item extends z.ZodType>(item: Item) => z.array(item).meta({ 'x-kubernetes-list-type': 'set' });
export const atomicList = <Item extends z.ZodType>(item: Item) =>
  z.array(item).meta({ 'x-kubernetes-list-type': 'atomic' });

/** The standard condition of the SIG kinds and ours alike. CI-24 */
export const condition = z
  .object({
    type: z
      .string()
      .max(316)
      .regex(
        /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
      )
      .describe('What is observed: one CamelCase word, with a domain in front for types that are not standard.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds; Unknown when it cannot be told.'),
    observedGeneration: int64()
      .min(0)
      .describe('The metadata.generation that was looked at. Lower than the current one: the statement is out of date.')
      .exactOptional(),
    lastTransitionTime: dateTime().describe('When the status last changed.'),
    reason: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .describe('One stable CamelCase word for programs that says why.'),
    message: z.string().max(32768).describe('Details for people; may be empty.'),
  })
  .describe('One observed aspect of the object.');

/** Conditions as a list-map by type. */
export const conditions = (description: string) => listMap(condition, 'type').describe(description);

/** Kubernetes' label selector with bounds, so that a spec stays small and its rules affordable. BI-25 */
export const labelSelector = () =>
  z
    .object({
      matchLabels: z
        .record(z.string(), labelValue())
        .meta({ maxProperties: 64, ...validations(labelKeys) })
        .describe('Labels that must be present with exactly these values.')
        .exactOptional(),
      matchExpressions: atomicList(
        z
          .object({
            key: labelKey().describe('The label key.'),
            operator: z
              .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
              .describe('How key and values relate. NotIn also matches objects without the key.'),
            values: atomicList(labelValue())
              .max(128)
              .describe('Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist.')
              .exactOptional(),
          })
          .meta(validations(selectorOperatorValues))
          .describe('One requirement on a label.'),
      )
        .max(32)
        .describe('Requirements that must all hold.')
        .exactOptional(),
    })
    .meta({ 'x-kubernetes-map-type': 'atomic' });

/** An embedded object of any kind: apiVersion and kind are required by the server, everything else is kept. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: {
    name?: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

export const manifest = () =>
  z
    .looseObject({})
    .meta({ 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true })
    .describe('One object to apply, written as for kubectl.') as unknown as z.ZodType<Manifest>;

const identifierFields = {
  ordinal: z
    .int()
    .describe('Position in the list of manifests, from 0; known even when the manifest cannot be parsed.'),
  group: z.string().describe('API group; empty or absent for the core group.').exactOptional(),
  version: z.string().describe('API version without the group.').exactOptional(),
  kind: z.string().describe('The kind in the manifest.').exactOptional(),
  resource: z
    .string()
    .describe('Plural resource name of the kind, absent when the member does not know it.')
    .exactOptional(),
  namespace: z
    .string()
    .describe('Namespace on the member; empty or absent for cluster-scoped objects.')
    .exactOptional(),
  name: z.string().describe('Name on the member.').exactOptional(),
};

/** Which manifest of a Work a statement is about. */
export const resourceIdentifier = () => z.object(identifierFields);
/** The same with the uid of the object on the member. WK-9 */
export const appliedResource = () =>
  z.object({ ...identifierFields, uid: z.string().describe('The uid of the object on the member.').exactOptional() });
export type ResourceIdentifier = z.output<ReturnType<typeof resourceIdentifier>>;
export type AppliedResource = z.output<ReturnType<typeof appliedResource>>;

/** The last column of nearly every kind. */
export const ageColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
} as const;

/** A column with the status of one condition. */
export const conditionColumn = (type: string, name = type) =>
  ({ name, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status` }) as const;
