import { selectorOperatorValues, type ValidationRule } from '../../kinds/rules.ts';

/** At least one of `fields` is there. */
const oneIsRequired = (fields: readonly string[], because = ''): ValidationRule => ({
  rule: fields.map((field) => `has(self.${field})`).join(' || '),
  message: `one of ${fields.join(', ')} is required${because}`,
});

/** Where both fields are given, `low` is not above `high`; the complaint is about `low`. */
const inOrder = (low: string, high: string, message: string): ValidationRule => ({
  rule: `!has(self.${low}) || !has(self.${high}) || self.${low} <= self.${high}`,
  message,
  fieldPath: `.${low}`,
});

/** CEL: the spread constraint that `variable` names is a wish, so it contradicts nothing. */
const isWish = (variable: string): string =>
  `(has(${variable}.whenUnsatisfiable) && ${variable}.whenUnsatisfiable == 'ScheduleAnyway')`;

/** A term that says nothing would match everything by accident. PL-4 */
export const termSaysSomething: ValidationRule = oneIsRequired(
  ['labelSelector', 'propertySelector', 'expression', 'requiredAPIs'],
  '; an empty labelSelector is every cluster',
);

/** Ordered comparisons are with one value, memberships with some, existence with none. PL-4 */
export const propertyOperatorValues: ValidationRule = {
  rule: `self.operator in ['Gt', 'Ge', 'Lt', 'Le'] ? (has(self.values) && size(self.values) == 1) : ${selectorOperatorValues.rule}`,
  message: 'Gt, Ge, Lt and Le need exactly one value, In and NotIn at least one; Exists and DoesNotExist take none',
  fieldPath: '.values',
};

/** A range whose end comes before its start asks for nothing that exists. PL-11 */
export const minimumWithinNumber: ValidationRule = inOrder(
  'minimumNumberOfClusters',
  'numberOfClusters',
  'the minimum must not be greater than numberOfClusters',
);

/** PL-14 */
export const domainsInOrder: ValidationRule = inOrder(
  'minDomains',
  'maxDomains',
  'minDomains must not be greater than maxDomains',
);

/** PL-14 */
export const spreadSaysSomething: ValidationRule = oneIsRequired([
  'maxSkew',
  'minDomains',
  'maxDomains',
  'maxClustersPerDomain',
]);

/** More domains than clusters cannot all be used. PL-14 */
export const domainsWithinNumber: ValidationRule = {
  rule: `!has(self.numberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.minDomains) || ${isWish('c')} || c.minDomains <= self.numberOfClusters)`,
  message: 'a hard minDomains must not be greater than numberOfClusters',
  fieldPath: '.spreadConstraints',
};

/** Domains times clusters in each is all there can be. PL-14 */
export const minimumFitsDomains: ValidationRule = {
  rule: `!has(self.minimumNumberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.maxDomains) || !has(c.maxClustersPerDomain) || ${isWish('c')} || c.maxDomains * c.maxClustersPerDomain >= self.minimumNumberOfClusters)`,
  message: 'a hard maxDomains times maxClustersPerDomain allows fewer clusters than minimumNumberOfClusters',
  fieldPath: '.spreadConstraints',
};

/** Two hard rules of one key that no set of clusters could keep. PL-14 */
export const domainsOfOneKey: ValidationRule = {
  rule: [
    '!has(self.spreadConstraints) || self.spreadConstraints.all(a, !has(a.minDomains)',
    isWish('a'),
    'self.spreadConstraints.all(b, !has(b.maxDomains)',
    isWish('b'),
    'a.topologyKey != b.topologyKey',
    "(has(a.source) ? a.source : 'Label') != (has(b.source) ? b.source : 'Label')",
    'a.minDomains <= b.maxDomains))',
  ].join(' || '),
  message: 'hard rules ask for more domains of one key than they allow',
  fieldPath: '.spreadConstraints',
};

/** Both at once could only be met by no cluster. PL-18 */
export const affinityContradiction: ValidationRule = {
  rule: '!has(self.sameClustersAs) || !has(self.otherClustersThan) || self.sameClustersAs.all(name, !(name in self.otherClustersThan))',
  message: 'a placement must not stand in sameClustersAs and otherClustersThan at once',
};

/** PL-31 */
export const oneGroupSize: ValidationRule = {
  rule: '!has(self.groupSize) || !has(self.groupSizePercent)',
  message: 'groupSize and groupSizePercent exclude each other',
  fieldPath: '.groupSizePercent',
};

/** PL-7 */
export const stableNeedsSeconds: ValidationRule = {
  rule: "(has(self.failback) && self.failback == 'AfterStable') == has(self.stableSeconds)",
  message: 'stableSeconds belongs to failback AfterStable, and must be given with it',
  fieldPath: '.stableSeconds',
};

/** There is nothing to overflow into, or to come back from. PL-7 */
export const candidatePolicyNeedsTerms: ValidationRule = {
  rule: '!has(self.candidatePolicy) || has(self.candidateTerms)',
  message: 'candidatePolicy needs candidateTerms',
  fieldPath: '.candidatePolicy',
};

/** Pure ranking keeps nothing, so there is nothing to list. PL-20 */
export const steadinessLists: ValidationRule = {
  rule: "!has(self.mode) || self.mode != 'None' || (!has(self.actOn) && !has(self.holdBack))",
  message: 'with the mode None everything is acted on: actOn and holdBack have no meaning',
  fieldPath: '.mode',
};

/** The field that each type of priority reads; Balance and Steadiness read none. PL-15 */
const priorityField = {
  Label: 'labelSelector',
  Property: 'propertySelector',
  PropertyValue: 'property',
  FreeCapacity: 'resource',
  Expression: 'expression',
  ClusterScore: 'clusterScore',
  Balance: undefined,
  Steadiness: undefined,
} as const;
const celMap = Object.entries(priorityField)
  .filter(([, field]) => field !== undefined)
  .map(([type, field]) => `(self.type == '${type}') == has(self.${field})`)
  .join(' && ');

/** PL-15 */
export const priorityFieldOfType: ValidationRule = {
  rule: celMap,
  message: `each type reads one field and no other: ${Object.entries(priorityField)
    .map(([type, field]) => `${type} ${field ?? 'none'}`)
    .join(', ')}`,
  fieldPath: '.type',
};

const amount = '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$';
const zero = '^0+(\\.0+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$';

/** Requests are Kubernetes quantities above zero. PL-17 */
export const requestAmount: ValidationRule = {
  rule: `self.all(name, self[name].matches(r'${amount}') && !self[name].matches(r'${zero}'))`,
  message: 'amounts must be Kubernetes quantities greater than zero, such as 500m or 2Gi',
};
