import type { FieldError } from '@quarterdeck/apis';
import {
  celBudgets,
  forbidden,
  goJson,
  innerCardinality,
  invalidValue,
  type JsonObject,
  type JsonValue,
  overBudget,
  parseStructural,
  ruleCost,
  type ValidationRule,
} from '@quarterdeck/machinery';
import type { CompiledRule, RuleCompiler, RuledSchema } from './rule-programs.ts';
import { defaultRuleErrors } from './run-rules.ts';

export interface RuleCheck {
  readonly compiler: RuleCompiler;
  /** Whether the stored CRD has this schema: it was accepted once, with its rules, and may stay. KA-101b */
  readonly isKnown: (schema: JsonObject) => boolean;
}

/**
 * Compiles the rules of a schema, which has been found structural, and refuses those that do not compile, cost too much, or
 * compare with what cannot be known. KA-101c, KA-103, KA-104
 * @param path of the schema in its CRD
 */
export function ruleErrors(schema: JsonObject, path: string, check: RuleCheck): FieldError[] {
  if (check.isKnown(schema)) return [];
  const ruled = check.compiler.compile(parseStructural(schema));
  if (ruled === undefined) return [];
  const costs: RuleCost[] = [];
  const errors = nodeErrors(ruled, { path, uncorrelatable: undefined, cardinality: 1 }, costs);
  return [...defaultErrors(ruled, path), ...errors, ...totalErrors(path, costs)];
}

/** Defaults that the rules of their schemas refuse; Kubernetes does not look at those below additionalProperties. KA-99 */
function defaultErrors(node: RuledSchema, path: string): FieldError[] {
  const value = node.schema.default;
  return [
    ...(value === undefined ? [] : defaultRuleErrors(value, node, `${path}.default`)),
    ...(node.items === undefined ? [] : defaultErrors(node.items, `${path}.items`)),
    ...[...node.properties].flatMap(([name, child]) => defaultErrors(child, `${path}.properties[${name}]`)),
  ];
}

interface Place {
  readonly path: string;
  /** The outermost list around here whose items have no identity over time. */
  readonly uncorrelatable: string | undefined;
  /** How often values of this schema may stand in one object; undefined when nothing bounds it. */
  readonly cardinality: number | undefined;
}

interface RuleCost {
  readonly path: string;
  readonly cost: number;
}

/** Inner rules first. Adds what each expression may cost to `costs`. */
function nodeErrors(node: RuledSchema, place: Place, costs: RuleCost[]): FieldError[] {
  const { path } = place;
  const atomic = node.schema['x-kubernetes-list-type'] !== 'map';
  const inner = (child: RuledSchema, step: string): FieldError[] => {
    const uncorrelatable = place.uncorrelatable ?? (step === 'items' && atomic ? path : undefined);
    const cardinality = innerCardinality(node.schema, place.cardinality);
    return nodeErrors(child, { path: `${path}.${step}`, uncorrelatable, cardinality }, costs);
  };
  return [
    ...(node.values === undefined ? [] : inner(node.values, 'additionalProperties')),
    ...[...node.properties].flatMap(([name, child]) => inner(child, `properties[${name}]`)),
    ...(node.items === undefined ? [] : inner(node.items, 'items')),
    ...ownErrors(node, place, costs),
  ];
}

function ownErrors(node: RuledSchema, place: Place, costs: RuleCost[]): FieldError[] {
  const at = `${place.path}.x-kubernetes-validations`;
  const { type } = node;
  if (type === undefined) {
    if ((node.schema['x-kubernetes-validations'] ?? []).length === 0) return [];
    return [forbidden(at, 'expressions cannot see values without a known type: declare a type, or drop the rules')];
  }
  return node.rules.flatMap((compiled, index) => {
    const path = `${at}[${index}]`;
    const cost = ruleCost({ min: 0, max: compiled.estimate }, type, place.cardinality);
    return [
      ...costErrors('estimated rule cost', { path: `${path}.rule`, cost }, costs),
      ...(compiled.problem === undefined ? [] : [invalidRule(`${path}.rule`, compiled.rule, compiled.problem)]),
      ...messageErrors(compiled, path, costs),
      ...transitionErrors(compiled, path, place),
    ];
  });
}

function costErrors(what: string, { path, cost }: RuleCost, costs: RuleCost[]): FieldError[] {
  costs.push({ path, cost });
  const problem = overBudget(what, cost, celBudgets.rule);
  return problem === undefined ? [] : [forbidden(path, problem)];
}

function messageErrors(compiled: CompiledRule, path: string, costs: RuleCost[]): FieldError[] {
  const at = `${path}.messageExpression`;
  const { messageProblem, messageEstimate } = compiled;
  if (messageProblem !== undefined) return [invalidRule(at, compiled.rule, messageProblem)];
  return costErrors('estimated messageExpression cost', { path: at, cost: messageEstimate }, costs);
}

function transitionErrors({ rule, usesOldSelf }: CompiledRule, path: string, place: Place): FieldError[] {
  if (usesOldSelf && place.uncorrelatable !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    return [invalidValue(`${path}.rule`, rule.rule, why)];
  }
  if (usesOldSelf || rule.optionalOldSelf === undefined) return [];
  const why = 'may not be set if oldSelf is not used in rule';
  return [invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, why)];
}

/** How many of the costliest rules are named, and from which share of the limit on. */
const mostNamed = 4;
const leastNamed = celBudgets.definition / 100;

function totalErrors(path: string, costs: readonly RuleCost[]): FieldError[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  const problem = overBudget(what, total, celBudgets.definition);
  if (problem === undefined) return [];
  const costliest = costs
    .filter(({ cost }) => cost >= leastNamed)
    .sort((a, b) => b.cost - a.cost)
    .slice(0, mostNamed);
  const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  return [...costliest.map((rule) => forbidden(rule.path, why)), forbidden(path, problem)];
}

/** A rule as the errors of Kubernetes print it: with the names and in the order of Go's fields. */
function invalidRule(field: string, rule: ValidationRule, problem: string): FieldError {
  const fields: readonly [string, JsonValue][] = [
    ['Rule', rule.rule],
    ['Message', rule.message ?? ''],
    ['MessageExpression', rule.messageExpression ?? ''],
    ['Reason', rule.reason ?? null],
    ['FieldPath', rule.fieldPath ?? ''],
    ['OptionalOldSelf', rule.optionalOldSelf ?? null],
  ];
  const printed = fields.map(([name, value]) => `"${name}":${goJson(value)}`).join(',');
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: {${printed}}: ${problem}` };
}
