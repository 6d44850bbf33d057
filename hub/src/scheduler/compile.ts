import type {
  CandidateTerm,
  ClusterSelectorTerm,
  ComparisonType,
  Placement,
  PlacementPriority,
  SpreadConstraint,
  Stored,
} from '@quarterdeck/apis';
import { labelSelectorToRequirements, parseQuantity, type Requirement, selectorToString } from '@quarterdeck/machinery';
import { withDefaultTolerations } from './default-tolerations.ts';
import type {
  Cause,
  ClusterExpression,
  PlacementRequest,
  Priority,
  PropertyRequirement,
  SpreadRule,
  Suitability,
} from './placement-request.ts';
import { readAs } from './properties.ts';

/** Makes a CEL text ready, or says why it cannot be. A term yields a bool; a score may be a number. PL-5 */
export type CompileExpression = (
  text: string,
  yields: 'bool' | 'score',
) => ClusterExpression | { readonly problem: string };

type Spec = Placement['spec'];

/** Thrown and caught in this file: the first thing in a spec that cannot be evaluated. */
class SpecProblem extends Error {
  constructor(path: string, why: unknown) {
    super(`${path}: ${why instanceof Error ? why.message : String(why)}`);
  }
}

/** A placement with its selectors parsed and defaults filled; a problem is a sentence for people with the path. PL-21 */
export function compilePlacement(
  placement: Stored<Placement>,
  compileExpression: CompileExpression,
): PlacementRequest | { readonly problem: string } {
  try {
    return compile(placement, compileExpression);
  } catch (error) {
    if (error instanceof SpecProblem) return { problem: error.message };
    throw error;
  }
}

function compile({ metadata, spec }: Stored<Placement>, compileExpression: CompileExpression): PlacementRequest {
  const namespace = metadata.namespace ?? '';
  const { candidatePolicy: policy, steadiness, decisionStrategy: strategy, placementAffinity: affinity } = spec;
  const related = (names: readonly string[] | undefined) => (names ?? []).map((name) => `${namespace}/${name}`);
  const term = (at: string) => (each: ClusterSelectorTerm | CandidateTerm, index: number) =>
    compileTerm(each, `spec.${at}[${index}]`, compileExpression);
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    priority: spec.priority ?? 0,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    clusterSets: spec.clusterSets,
    clusterNames: spec.clusterNames && new Map([...new Set(spec.clusterNames)].map((name, index) => [name, index])),
    excludedNames: new Set(spec.excludedClusterNames),
    terms: spec.clusterSelectorTerms?.map(term('clusterSelectorTerms')),
    candidateTerms: (spec.candidateTerms ?? []).map(term('candidateTerms')),
    overflow: policy?.overflow === 'Missing',
    failbackAfterMs: policy?.failback === 'AfterStable' ? (policy.stableSeconds ?? 0) * 1000 : undefined,
    tolerations: withDefaultTolerations(spec.tolerations ?? []),
    numberOfClusters: spec.numberOfClusters,
    minimum: spec.minimumNumberOfClusters ?? spec.numberOfClusters ?? 1,
    spread: (spec.spreadConstraints ?? []).map(compileSpread),
    priorities: compilePriorities(spec, compileExpression),
    copies: compileCopies(spec),
    sameAs: related(affinity?.sameClustersAs),
    otherThan: related(affinity?.otherClustersThan),
    groups: (strategy?.groups ?? []).map(({ name, labelSelector }, index) => ({
      name,
      labels: compileLabels(labelSelector, `spec.decisionStrategy.groups[${index}].labelSelector`),
    })),
    groupSize: groupSizeOf(strategy),
    steady: steadiness?.mode !== 'None',
    actOn: new Set<Cause>(steadiness?.actOn),
    holdBack: new Set<Cause>(steadiness?.holdBack),
    maxMoves: steadiness?.maxMoves ?? Number.POSITIVE_INFINITY,
    removeOnLoss: spec.lossPolicy === 'Remove',
  };
}

function groupSizeOf(strategy: Spec['decisionStrategy']): PlacementRequest['groupSize'] {
  if (strategy?.groupSize !== undefined) return { clusters: strategy.groupSize };
  return strategy?.groupSizePercent === undefined ? undefined : { percent: strategy.groupSizePercent };
}

function compileLabels(selector: ClusterSelectorTerm['labelSelector'], path: string): readonly Requirement[] {
  try {
    return labelSelectorToRequirements(selector ?? {});
  } catch (error) {
    throw new SpecProblem(path, error);
  }
}

type PropertySelector = NonNullable<ClusterSelectorTerm['propertySelector']>;

function compileProperties(selector: PropertySelector | undefined, path: string): readonly PropertyRequirement[] {
  return (selector?.matchExpressions ?? []).map(({ name, operator, type, values = [] }, index) => {
    const ordered = operator === 'Gt' || operator === 'Ge' || operator === 'Lt' || operator === 'Le';
    const comparison: ComparisonType = type ?? (ordered ? 'Quantity' : 'String');
    for (const value of values) {
      if (readAs(comparison, value) !== undefined) continue;
      throw new SpecProblem(`${path}.matchExpressions[${index}].values`, `"${value}" cannot be read as ${comparison}`);
    }
    return { name, operator, type: comparison, values };
  });
}

function compiledAt(path: string, compiled: ReturnType<CompileExpression>): ClusterExpression {
  if ('problem' in compiled) throw new SpecProblem(path, compiled.problem);
  return compiled;
}

function compileTerm(
  term: ClusterSelectorTerm | CandidateTerm,
  path: string,
  compileExpression: CompileExpression,
): Suitability {
  const labels = compileLabels(term.labelSelector, `${path}.labelSelector`);
  const properties = compileProperties(term.propertySelector, `${path}.propertySelector`);
  const apis = (term.requiredAPIs ?? []).map(({ group = '', version, kind }) => ({ group, version, kind }));
  const expression =
    term.expression === undefined
      ? undefined
      : compiledAt(`${path}.expression`, compileExpression(term.expression, 'bool'));
  const key = [
    selectorToString(labels),
    ...properties.map(({ name, operator, type, values }) => [name, operator, type, ...values].join('\t')),
    ...apis.map(({ group, version = '*', kind }) => `${group}/${version}/${kind}`),
    expression?.text ?? '',
  ].join('\n');
  return { name: 'name' in term ? term.name : undefined, labels, properties, apis, expression, key };
}

function compileSpread(constraint: SpreadConstraint): SpreadRule {
  return {
    topologyKey: constraint.topologyKey,
    source: constraint.source ?? 'Label',
    hard: constraint.whenUnsatisfiable !== 'ScheduleAnyway',
    maxSkew: constraint.maxSkew ?? Number.POSITIVE_INFINITY,
    minDomains: constraint.minDomains ?? 0,
    maxDomains: constraint.maxDomains ?? Number.POSITIVE_INFINITY,
    maxPerDomain: constraint.maxClustersPerDomain ?? Number.POSITIVE_INFINITY,
    exemptsMissing: constraint.missingKey === 'Exempt',
  };
}

function compileCopies({ copies }: Spec): PlacementRequest['copies'] {
  if (copies === undefined) return undefined;
  const requests = new Map(
    Object.entries(copies.requests).map(([resource, text]) => {
      try {
        return [resource, parseQuantity(text)] as const;
      } catch (error) {
        throw new SpecProblem(`spec.copies.requests.${resource}`, error);
      }
    }),
  );
  return { count: copies.count, requests, hard: copies.whenUnsatisfiable !== 'ScheduleAnyway' };
}

/** What is listed, and under Additive the defaults that are not. PL-15 */
function compilePriorities({ priorityPolicy }: Spec, compileExpression: CompileExpression): Priority[] {
  const listed = (priorityPolicy?.priorities ?? []).map((each, index) =>
    compilePriority(each, `spec.priorityPolicy.priorities[${index}]`, compileExpression),
  );
  if (priorityPolicy?.mode === 'Exact') return listed;
  const defaults = (['Balance', 'Steadiness'] as const).filter((type) => !listed.some((each) => each.type === type));
  return [...listed, ...defaults.map((type): Priority => ({ type, weight: 1 }))];
}

function compilePriority(priority: PlacementPriority, path: string, compileExpression: CompileExpression): Priority {
  const { type, weight } = priority;
  switch (type) {
    case 'Label': {
      const labels = compileLabels(priority.labelSelector, `${path}.labelSelector`);
      return { type, weight, labels, key: selectorToString(labels) };
    }
    case 'Property':
      return { type, weight, properties: compileProperties(priority.propertySelector, `${path}.propertySelector`) };
    case 'PropertyValue':
      return {
        type,
        weight,
        name: priority.property?.name ?? '',
        valueType: priority.property?.type ?? 'Quantity',
        descending: priority.property?.order !== 'Ascending',
      };
    case 'FreeCapacity':
      return { type, weight, resource: priority.resource?.name ?? '', most: priority.resource?.prefer !== 'Least' };
    case 'Expression':
      return {
        type,
        weight,
        expression: compiledAt(`${path}.expression`, compileExpression(priority.expression ?? '', 'score')),
      };
    case 'ClusterScore': {
      const { name = '', score = '' } = priority.clusterScore ?? {};
      return { type, weight, objectName: name, score };
    }
    case 'Balance':
    case 'Steadiness':
      return { type, weight };
  }
}
