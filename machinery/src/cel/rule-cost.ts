import type { StructuralSchema } from '../schema/structural.ts';
import type { SchemaType } from './schema-type.ts';
import { type Range, unbounded } from './size.ts';

/** What expressions may cost, in CEL's units. KA-101, KA-137 */
export const celBudgets = {
  /** One evaluation. */
  call: 1_000_000,
  /** All rules of one object, or all expressions of one policy binding, in one request. */
  request: 10_000_000,
  /** All match conditions of one webhook or policy binding, in one request. */
  matchConditions: 2_500_000,
  /** The worst case of one rule of a CustomResourceDefinition, over all places where it may stand in one object. */
  rule: 10_000_000,
  /** The worst case of all rules of a CustomResourceDefinition together. */
  definition: 100_000_000,
} as const;

const maxRequestBytes = 3 * 1024 * 1024;

/**
 * How often what a schema describes the parts of may stand in one object.
 * @param cardinality of the schema itself; undefined when nothing bounds it
 * @returns of the schemas directly inside it; undefined when nothing bounds them
 */
export function innerCardinality(schema: StructuralSchema, cardinality: number | undefined): number | undefined {
  if (cardinality === undefined) return undefined;
  if (schema.type === 'array') return times(cardinality, schema.maxItems);
  const isMap = schema.type === 'object' && schema.additionalProperties !== undefined;
  return isMap ? times(cardinality, schema.maxProperties) : cardinality;
}

function times(cardinality: number, limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.min(cardinality * Math.max(limit, 0), unbounded);
}

/**
 * The worst case of a rule over all places where it may stand in one object. Where no limits of the schema bound them,
 * the largest request does.
 * @param type of what the rule stands at
 */
export function ruleCost(estimate: Range, type: SchemaType, cardinality: number | undefined): number {
  const places = cardinality ?? Math.floor(maxRequestBytes / (type.minSerializedSize + 1));
  return Math.min(estimate.max * places, unbounded);
}

/** Why a cost is over its limit, in the words of Kubernetes; undefined when it is not. @param what `estimated rule cost` */
export function overBudget(what: string, cost: number, limit: number): string | undefined {
  if (cost <= limit) return undefined;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${factorText(cost / limit)} (${advice})`;
}

function factorText(factor: number): string {
  if (factor > 100) return 'more than 100x';
  // A factor close to one must not read as one.
  return `${factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1)}x`;
}
