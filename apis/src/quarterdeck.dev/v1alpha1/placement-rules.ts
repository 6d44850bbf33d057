import type { TwinnedRule } from '../../kinds/rules.ts';
import { fieldOf, listAt } from '../../kinds/value.ts';

const has = (self: unknown, name: string): boolean => fieldOf(self, name) !== undefined;
const numberAt = (self: unknown, name: string): number | undefined => {
  const value = fieldOf(self, name);
  return value === undefined ? undefined : Number(value);
};
/** True when either is absent or a ≤ b. */
const ordered = (a: number | undefined, b: number | undefined): boolean => a === undefined || b === undefined || a <= b;

const suitabilityFields = ['labelSelector', 'propertySelector', 'expression', 'requiredAPIs'] as const;

/** A term that says nothing would match everything by accident. PL-4 */
export const termSaysSomething: TwinnedRule = {
  rule: suitabilityFields.map((field) => `has(self.${field})`).join(' || '),
  message: `one of ${suitabilityFields.join(', ')} is required; an empty labelSelector is every cluster`,
  twin: (self) => suitabilityFields.some((field) => has(self, field)),
};

const ordering = ['Gt', 'Ge', 'Lt', 'Le'];
const listing = ['In', 'NotIn'];

/** Ordered comparisons are with one value, memberships with some, existence with none. PL-4 */
export const propertyOperatorValues: TwinnedRule = {
  rule: "self.operator in ['Gt', 'Ge', 'Lt', 'Le'] ? (has(self.values) && size(self.values) == 1) : (self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
  message: 'Gt, Ge, Lt and Le need exactly one value, In and NotIn at least one; Exists and DoesNotExist take none',
  fieldPath: '.values',
  twin: (self) => {
    const operator = String(fieldOf(self, 'operator'));
    const count = listAt(self, 'values').length;
    if (ordering.includes(operator)) return count === 1;
    return listing.includes(operator) === count > 0;
  },
};

/** A range whose end comes before its start asks for nothing that exists. PL-11 */
export const minimumWithinNumber: TwinnedRule = {
  rule: '!has(self.minimumNumberOfClusters) || !has(self.numberOfClusters) || self.minimumNumberOfClusters <= self.numberOfClusters',
  message: 'the minimum must not be greater than numberOfClusters',
  fieldPath: '.minimumNumberOfClusters',
  twin: (self) => ordered(numberAt(self, 'minimumNumberOfClusters'), numberAt(self, 'numberOfClusters')),
};

/** PL-14 */
export const domainsInOrder: TwinnedRule = {
  rule: '!has(self.minDomains) || !has(self.maxDomains) || self.minDomains <= self.maxDomains',
  message: 'minDomains must not be greater than maxDomains',
  fieldPath: '.minDomains',
  twin: (self) => ordered(numberAt(self, 'minDomains'), numberAt(self, 'maxDomains')),
};

const spreadLimits = ['maxSkew', 'minDomains', 'maxDomains', 'maxClustersPerDomain'] as const;

/** PL-14 */
export const spreadSaysSomething: TwinnedRule = {
  rule: spreadLimits.map((field) => `has(self.${field})`).join(' || '),
  message: `one of ${spreadLimits.join(', ')} is required`,
  twin: (self) => spreadLimits.some((field) => has(self, field)),
};

/** More domains than clusters cannot all be used. PL-14 */
export const domainsWithinNumber: TwinnedRule = {
  rule: "!has(self.numberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.minDomains) || (has(c.whenUnsatisfiable) && c.whenUnsatisfiable == 'ScheduleAnyway') || c.minDomains <= self.numberOfClusters)",
  message: 'a hard minDomains must not be greater than numberOfClusters',
  fieldPath: '.spreadConstraints',
  twin: (self) => {
    const wanted = numberAt(self, 'numberOfClusters');
    return listAt(self, 'spreadConstraints').every(
      (constraint) =>
        fieldOf(constraint, 'whenUnsatisfiable') === 'ScheduleAnyway' ||
        ordered(numberAt(constraint, 'minDomains'), wanted),
    );
  },
};

/** Domains times clusters in each is all there can be. PL-14 */
export const minimumFitsDomains: TwinnedRule = {
  rule: "!has(self.minimumNumberOfClusters) || !has(self.spreadConstraints) || self.spreadConstraints.all(c, !has(c.maxDomains) || !has(c.maxClustersPerDomain) || (has(c.whenUnsatisfiable) && c.whenUnsatisfiable == 'ScheduleAnyway') || c.maxDomains * c.maxClustersPerDomain >= self.minimumNumberOfClusters)",
  message: 'a hard maxDomains times maxClustersPerDomain allows fewer clusters than minimumNumberOfClusters',
  fieldPath: '.spreadConstraints',
  twin: (self) => {
    const minimum = numberAt(self, 'minimumNumberOfClusters');
    return listAt(self, 'spreadConstraints').every((constraint) => {
      const [domains, each] = [numberAt(constraint, 'maxDomains'), numberAt(constraint, 'maxClustersPerDomain')];
      if (domains === undefined || each === undefined) return true;
      return fieldOf(constraint, 'whenUnsatisfiable') === 'ScheduleAnyway' || ordered(minimum, domains * each);
    });
  },
};

/** Both at once could only be met by no cluster. PL-18 */
export const affinityContradiction: TwinnedRule = {
  rule: '!has(self.sameClustersAs) || !has(self.otherClustersThan) || self.sameClustersAs.all(name, !(name in self.otherClustersThan))',
  message: 'a placement must not stand in sameClustersAs and otherClustersThan at once',
  twin: (self) => {
    const others = listAt(self, 'otherClustersThan');
    return listAt(self, 'sameClustersAs').every((name) => !others.includes(name));
  },
};

/** PL-31 */
export const oneGroupSize: TwinnedRule = {
  rule: '!has(self.groupSize) || !has(self.groupSizePercent)',
  message: 'groupSize and groupSizePercent exclude each other',
  fieldPath: '.groupSizePercent',
  twin: (self) => !has(self, 'groupSize') || !has(self, 'groupSizePercent'),
};

/** PL-7 */
export const stableNeedsSeconds: TwinnedRule = {
  rule: "(has(self.failback) && self.failback == 'AfterStable') == has(self.stableSeconds)",
  message: 'stableSeconds belongs to failback AfterStable, and must be given with it',
  fieldPath: '.stableSeconds',
  twin: (self) => (fieldOf(self, 'failback') === 'AfterStable') === has(self, 'stableSeconds'),
};

/** There is nothing to overflow into, or to come back from. PL-7 */
export const candidatePolicyNeedsTerms: TwinnedRule = {
  rule: '!has(self.candidatePolicy) || has(self.candidateTerms)',
  message: 'candidatePolicy needs candidateTerms',
  fieldPath: '.candidatePolicy',
  twin: (self) => !has(self, 'candidatePolicy') || has(self, 'candidateTerms'),
};

/** Pure ranking keeps nothing, so there is nothing to list. PL-20 */
export const steadinessLists: TwinnedRule = {
  rule: "!has(self.mode) || self.mode != 'None' || (!has(self.actOn) && !has(self.holdBack))",
  message: 'with the mode None everything is acted on: actOn and holdBack have no meaning',
  fieldPath: '.mode',
  twin: (self) => fieldOf(self, 'mode') !== 'None' || (!has(self, 'actOn') && !has(self, 'holdBack')),
};

/** The field that each type of priority reads; Balance and Steadiness read none. PL-15 */
export const priorityField = {
  Label: 'labelSelector',
  Property: 'propertySelector',
  PropertyValue: 'property',
  FreeCapacity: 'resource',
  Expression: 'expression',
  ClusterScore: 'clusterScore',
  Balance: undefined,
  Steadiness: undefined,
} as const;
const fieldsOfPriorities = Object.values(priorityField).filter((field) => field !== undefined);
const celMap = Object.entries(priorityField)
  .filter(([, field]) => field !== undefined)
  .map(([type, field]) => `(self.type == '${type}') == has(self.${field})`)
  .join(' && ');

/** PL-15 */
export const priorityFieldOfType: TwinnedRule = {
  rule: celMap,
  message: `each type reads one field and no other: ${Object.entries(priorityField)
    .map(([type, field]) => `${type} ${field ?? 'none'}`)
    .join(', ')}`,
  fieldPath: '.type',
  twin: (self) => {
    const wanted = priorityField[String(fieldOf(self, 'type')) as keyof typeof priorityField];
    return fieldsOfPriorities.every((field) => has(self, field) === (field === wanted));
  },
};

const amount = '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$';
const zero = '^0+(\\.0+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$';

/** Requests are Kubernetes quantities above zero. PL-17 */
export const requestAmount: TwinnedRule = {
  rule: `self.all(name, self[name].matches(r'${amount}') && !self[name].matches(r'${zero}'))`,
  message: 'amounts must be Kubernetes quantities greater than zero, such as 500m or 2Gi',
  twin: (self) =>
    Object.values(self as object).every(
      (text) => new RegExp(amount).test(String(text)) && !new RegExp(zero).test(String(text)),
    ),
};

/** Every rule above, for the table of twins. */
export const placementRules: readonly TwinnedRule[] = [
  termSaysSomething,
  propertyOperatorValues,
  minimumWithinNumber,
  domainsInOrder,
  spreadSaysSomething,
  domainsWithinNumber,
  minimumFitsDomains,
  affinityContradiction,
  oneGroupSize,
  stableNeedsSeconds,
  candidatePolicyNeedsTerms,
  steadinessLists,
  priorityFieldOfType,
  requestAmount,
];
