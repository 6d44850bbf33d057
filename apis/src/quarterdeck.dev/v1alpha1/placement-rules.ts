import type { ValidationRule } from '../../kinds/rules.ts';

const suitabilityFields = ['labelSelector', 'propertySelector', 'expression', 'requiredAPIs'] as const;

/** A term that says nothing would match everything by accident. PL-4 */
export const termSaysSomething: ValidationRule = {
  rule: suitabilityFields.map((field) => `has(self.${field})`).join(' || '),
  message: `one of ${suitabilityFields.join(', ')} is required; an empty labelSelector is every cluster`,
};

/** Ordered comparisons are with one value, memberships with some, existence with none. PL-4 */
export const propertyOperatorValues: ValidationRule = {
  rule: "self.operator in ['Gt', 'Ge', 'Lt', 'Le'] ? (has(self.values) && size(self.values) == 1) : (self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
  message: 'Gt, Ge, Lt and Le need exactly one value, In and NotIn at least one; Exists and DoesNotExist take none',
  fieldPath: '.values',
};

/** A range whose end comes before its start asks for nothing that exists. PL-11 */
export const minimumWithinNumber: ValidationRule = {
  rule: '!has(self.minimumNumberOfClusters) || !has(self.numberOfClusters) || self.minimumNumberOfClusters <= self.numberOfClusters',
  message: 'the minimum must not be greater than numberOfClusters',
  fieldPath: '.minimumNumberOfClusters',
};

/** PL-14 */
export const domainsInOrder: ValidationRule = {
  rule: '!has(self.minDomains) || !has(self.maxDomains) || self.minDomains <= self.maxDomains',
  message: 'minDomains must not be greater than maxDomains',
  fieldPath: '.minDomains',
};

const spreadLimits = ['maxSkew', 'minDomains', 'maxDomains', 'maxClustersPerDomain'] as const;

/** PL-14 */
export const spreadSaysSomething: ValidationRule = {
  rule: spreadLimits.map((field) => `has(self.${field})`).join(' || '),
  message: `one of ${spreadLimits.join(', ')} is required`,
};

/** More domains than clusters cannot all be used. PL-14 */
export const domainsWithinNumber: ValidationRule = {
  rule: "!has(self.numberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.minDomains) || (has(c.whenUnsatisfiable) && c.whenUnsatisfiable == 'ScheduleAnyway') || c.minDomains <= self.numberOfClusters)",
  message: 'a hard minDomains must not be greater than numberOfClusters',
  fieldPath: '.spreadConstraints',
};

/** Domains times clusters in each is all there can be. PL-14 */
export const minimumFitsDomains: ValidationRule = {
  rule: "!has(self.minimumNumberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.maxDomains) || !has(c.maxClustersPerDomain) || (has(c.whenUnsatisfiable) && c.whenUnsatisfiable == 'ScheduleAnyway') || c.maxDomains * c.maxClustersPerDomain >= self.minimumNumberOfClusters)",
  message: 'a hard maxDomains times maxClustersPerDomain allows fewer clusters than minimumNumberOfClusters',
  fieldPath: '.spreadConstraints',
};

/** Two hard rules of one key that no set of clusters could keep. PL-14 */
export const domainsOfOneKey: ValidationRule = {
  rule: [
    '!has(self.spreadConstraints) || self.spreadConstraints.all(a, !has(a.minDomains)',
    "(has(a.whenUnsatisfiable) && a.whenUnsatisfiable == 'ScheduleAnyway')",
    'self.spreadConstraints.all(b, !has(b.maxDomains)',
    "(has(b.whenUnsatisfiable) && b.whenUnsatisfiable == 'ScheduleAnyway')",
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
