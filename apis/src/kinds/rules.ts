import { labelKeyPattern, maxLabelKeyLength } from './patterns.ts';

/** A CEL rule of a schema, as it stands under `x-kubernetes-validations`. KA-101 */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  /** Relative to the node that carries the rule: `.values`. */
  readonly fieldPath?: string;
}

/** The value never changes once set. `message` stays upstream's where the kind is upstream's. */
export const immutable = (message: string): ValidationRule => ({
  rule: 'self == oldSelf',
  message,
});

/** matchExpressions: In and NotIn compare with values, Exists and DoesNotExist with none, as in Kubernetes. PL-4 */
export const selectorOperatorValues: ValidationRule = {
  rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
  message: 'In and NotIn need at least one value; Exists and DoesNotExist take none',
  fieldPath: '.values',
};

/** An empty key matches all taints, and only Exists can mean that. PL-8 */
export const tolerationKey: ValidationRule = {
  rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
  message: 'without a key the operator must be Exists',
  fieldPath: '.operator',
};

/** PL-8 */
export const tolerationValue: ValidationRule = {
  rule: "!has(self.operator) || self.operator != 'Exists' || !has(self.value) || self.value == ''",
  message: 'with the operator Exists there is no value',
  fieldPath: '.value',
};

/** PL-8 */
export const tolerationSeconds: ValidationRule = {
  rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
  message: 'tolerationSeconds needs the effect NoExecute',
  fieldPath: '.effect',
};

/** The keys of matchLabels; a schema alone cannot restrict the keys of a map. KA-47 */
export const labelKeys: ValidationRule = {
  rule: `self.all(key, size(key) <= ${maxLabelKeyLength} && key.matches(r'${labelKeyPattern}'))`,
  message: 'keys must be label keys: an optional DNS prefix and a slash, then at most 63 letters, digits, - _ .',
};

/** A field of a report has one source. DL-23 */
export const oneSource: ValidationRule = {
  rule: 'has(self.jsonPath) != has(self.expression)',
  message: 'needs either a jsonPath or an expression',
};

/** A rule about nothing would be taken for one that works. DL-22, DL-23 */
export const saysSomething: ValidationRule = {
  rule: 'has(self.states) || has(self.feedback)',
  message: 'needs states, feedback, or both',
};

/** Puts rules into a schema: `.meta(validations(ruleA, ruleB))`. */
export const validations = (...rules: readonly ValidationRule[]): { 'x-kubernetes-validations': ValidationRule[] } => ({
  'x-kubernetes-validations': [...rules],
});
