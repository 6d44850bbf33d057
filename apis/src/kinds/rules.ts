import { placementRules } from '../quarterdeck.dev/v1alpha1/placement-rules.ts';
import { labelKeyPattern, maxLabelKeyLength } from './patterns.ts';
import { equalJson, fieldOf } from './value.ts';

/** A CEL rule of a schema, as it stands under `x-kubernetes-validations`. KA-101 */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  /** Relative to the node that carries the rule: `.values`. */
  readonly fieldPath?: string;
}

/** What a rule says, in TypeScript. True: accepted. `oldSelf` is undefined unless the rule names it. */
export type RuleTwin = (self: unknown, oldSelf: unknown) => boolean;

/** A rule with its twin: servers without a CEL engine run the twin, and one table of objects judges both. */
export interface TwinnedRule extends ValidationRule {
  readonly twin: RuleTwin;
}

const isEmpty = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

/** The value never changes once set. `message` stays upstream's where the kind is upstream's. */
export const immutable = (message: string): TwinnedRule => ({
  rule: 'self == oldSelf',
  message,
  twin: equalJson,
});

/** matchExpressions: In and NotIn compare with values, Exists and DoesNotExist with none, as in Kubernetes. PL-4 */
export const selectorOperatorValues: TwinnedRule = {
  rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
  message: 'In and NotIn need at least one value; Exists and DoesNotExist take none',
  fieldPath: '.values',
  twin: (self) => ['In', 'NotIn'].includes(String(fieldOf(self, 'operator'))) === !isEmpty(fieldOf(self, 'values')),
};

/** An empty key matches all taints, and only Exists can mean that. PL-8 */
export const tolerationKey: TwinnedRule = {
  rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
  message: 'without a key the operator must be Exists',
  fieldPath: '.operator',
  twin: (self) => !['', undefined].includes(fieldOf(self, 'key') as string) || fieldOf(self, 'operator') === 'Exists',
};

/** PL-8 */
export const tolerationValue: TwinnedRule = {
  rule: "!has(self.operator) || self.operator != 'Exists' || !has(self.value) || self.value == ''",
  message: 'with the operator Exists there is no value',
  fieldPath: '.value',
  twin: (self) => fieldOf(self, 'operator') !== 'Exists' || ['', undefined].includes(fieldOf(self, 'value') as string),
};

/** PL-8 */
export const tolerationSeconds: TwinnedRule = {
  rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
  message: 'tolerationSeconds needs the effect NoExecute',
  fieldPath: '.effect',
  twin: (self) => fieldOf(self, 'tolerationSeconds') === undefined || fieldOf(self, 'effect') === 'NoExecute',
};

const labelKey = new RegExp(labelKeyPattern);

/** The keys of matchLabels; a schema alone cannot restrict the keys of a map. KA-47 */
export const labelKeys: TwinnedRule = {
  rule: `self.all(key, size(key) <= ${maxLabelKeyLength} && key.matches(r'${labelKeyPattern}'))`,
  message: 'keys must be label keys: an optional DNS prefix and a slash, then at most 63 letters, digits, - _ .',
  twin: (self) => Object.keys(self as object).every((key) => key.length <= maxLabelKeyLength && labelKey.test(key)),
};

/** Puts rules into a schema: `.meta(validations(ruleA, ruleB))`. The twins stay behind. */
export const validations = (...rules: readonly TwinnedRule[]): { 'x-kubernetes-validations': ValidationRule[] } => ({
  'x-kubernetes-validations': rules.map(({ twin: _twin, ...rule }) => rule),
});

/**
 * Every CEL rule in the schemas of this package -> its twin. A rule that is not here must be run by a CEL engine; a test
 * compares the keys with the generated CRDs in both directions.
 */
export const ruleTwins: ReadonlyMap<string, RuleTwin> = new Map(
  [
    immutable(''),
    selectorOperatorValues,
    tolerationKey,
    tolerationValue,
    tolerationSeconds,
    labelKeys,
    ...placementRules,
  ].map(({ rule, twin }) => [rule, twin]),
);
