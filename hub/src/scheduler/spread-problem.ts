import type { SpreadRule } from './placement-request.ts';
import type { FilterContext } from './plugins/filter/filter.ts';
import { domainOf, spreadAspects } from './plugins/filter/spread-key.ts';
import { positionOfKey } from './rank.ts';
import { type HardLimits, noLimits, type SpreadProblem, type Unit } from './spread/problem.ts';

const keyName = ({ source, topologyKey }: SpreadRule): string => `${source} ${topologyKey}`;

/** Rules by key: several of one key are one. */
function rulesByKey(spread: readonly SpreadRule[]): Map<string, SpreadRule[]> {
  const byKey = new Map<string, SpreadRule[]>();
  for (const rule of spread) byKey.set(keyName(rule), [...(byKey.get(keyName(rule)) ?? []), rule]);
  return byKey;
}

const domainsOf = ({ snapshot }: FilterContext, rule: SpreadRule) =>
  snapshot.fleet.domains(`domain ${keyName(rule)}`, spreadAspects(rule), (cluster) => domainOf(rule, cluster));

/** The strictest of all hard rules of a key. */
function hardLimits(rules: readonly SpreadRule[]): HardLimits | undefined {
  const hard = rules.filter((rule) => rule.hard);
  if (hard.length === 0) return undefined;
  return hard.reduce(
    (limits, rule) => ({
      maxSkew: Math.min(limits.maxSkew, rule.maxSkew),
      minDomains: Math.max(limits.minDomains, rule.minDomains),
      maxDomains: Math.min(limits.maxDomains, rule.maxDomains),
      maxPerDomain: Math.min(limits.maxPerDomain, rule.maxPerDomain),
    }),
    noLimits,
  );
}

/**
 * The problem for the spread: candidates in order, with their domains numbered as they come, so that a domain without an
 * eligible cluster does not count (PL-14). Of clusters with equal domains no more than `wanted` can be of use, unless more
 * than their order matters (`whole`).
 *
 * @param keys ascending, see rank.ts
 */
export function spreadProblem(
  context: FilterContext,
  keys: Float64Array,
  { wanted, whole }: { readonly wanted: number; readonly whole: boolean },
): SpreadProblem {
  const columns = [...rulesByKey(context.request.spread).values()].flatMap((rules) => {
    const [first] = rules;
    return first === undefined
      ? []
      : [{ rules, ids: domainsOf(context, first).ids, numbers: new Map<number, number>() }];
  });
  const units: Unit[] = [];
  const inClass = new Map<number, number>();
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    const position = positionOfKey(key);
    let code = 0;
    for (const { ids } of columns) code = code * 100_003 + (ids[position] ?? -1) + 2;
    const count = inClass.get(code) ?? 0;
    // Beyond three keys codes of different domains could meet: then nothing is left out.
    if (!whole && count >= Math.max(1, wanted) && columns.length <= 3) continue;
    inClass.set(code, count + 1);
    units.push({ key, domains: columns.map(({ ids, numbers }) => numbered(ids[position] ?? -1, numbers)) });
  }
  return {
    units,
    wanted,
    keys: columns.map(({ rules, numbers }) => ({
      hard: hardLimits(rules),
      soft: rules.filter((rule) => !rule.hard).map((rule) => ({ ...rule })),
      domains: numbers.size,
    })),
  };
}

function numbered(id: number, numbers: Map<number, number>): number {
  if (id < 0) return -1;
  const known = numbers.get(id) ?? numbers.size;
  numbers.set(id, known);
  return known;
}
