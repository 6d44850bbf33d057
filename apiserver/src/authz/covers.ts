import { goQuote } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import { pathCovers } from './rules.ts';

/**
 * The part of `wanted` that `held` does not grant, broken into smallest rules; empty when all of it is held. KA-128
 *
 * A smallest rule names one verb of one resource (or path), so that it is either granted by a single held rule or by
 * none of them.
 */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(smallestRules).filter((small) => !held.some((rule) => covers(rule, small)));
}

interface SmallRule extends PolicyRule {
  readonly verbs: readonly [string];
}

function smallestRules(rule: PolicyRule): SmallRule[] {
  const small: SmallRule[] = [];
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const one = { verbs: [verb] as const, apiGroups: [group], resources: [resource] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) small.push(one);
        for (const name of names) small.push({ ...one, resourceNames: [name] });
      }
    }
  }
  for (const path of rule.nonResourceURLs ?? []) {
    for (const verb of rule.verbs) small.push({ verbs: [verb], nonResourceURLs: [path] });
  }
  return small;
}

function covers(rule: PolicyRule, small: SmallRule): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(small.verbs[0])) return false;
  const path = small.nonResourceURLs?.[0];
  if (path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => pathCovers(pattern, path));
  const group = small.apiGroups?.[0] ?? '';
  const resource = small.resources?.[0] ?? '';
  const groups = rule.apiGroups ?? [];
  return (
    (groups.includes('*') || groups.includes(group)) &&
    resourceCovers(rule.resources ?? [], resource) &&
    namesCover(rule.resourceNames, small.resourceNames?.[0])
  );
}

function resourceCovers(resources: readonly string[], resource: string): boolean {
  if (resources.includes('*') || resources.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && resources.includes(`*/${resource.slice(slash + 1)}`);
}

function namesCover(held: readonly string[] | undefined, name: string | undefined): boolean {
  if (held === undefined || held.length === 0) return true;
  return name !== undefined && held.includes(name);
}

/** Joins smallest rules that differ in nothing but the verb, so that people can read the list. Order is kept. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const target = [rule.apiGroups ?? [], rule.resources ?? [], rule.resourceNames ?? [], rule.nonResourceURLs ?? []];
    const key = target.map((values) => values.join('\u0000')).join('\u0001');
    const seen = joined.get(key);
    joined.set(key, seen === undefined ? rule : { ...seen, verbs: [...seen.verbs, ...rule.verbs] });
  }
  return [...joined.values()];
}

/** A rule in one line, the way Kubernetes words refused grants: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function describeRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const shown = parts.filter(([, values]) => values !== undefined && values.length > 0);
  return `{${shown.map(([label, values]) => `${label}:${quotedList(values ?? [])}`).join(', ')}}`;
}

/** `["a" "b"]`: how Kubernetes prints lists of strings in messages. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => goQuote(value)).join(' ')}]`;
}
