import { goQuote } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import { pathCovers } from './rules.ts';

/** What is missing is told up to here; who lacks so many rights is helped by no longer list. */
const mostMissing = 1_000;
/** Parts of rules that are looked at: a rule of a few hundred words a field has more of them than any memory holds. */
const mostParts = 200_000;

/** Rules that cannot be compared in reasonable time: whoever wrote them is told to write less at once. */
export class TooManyRulesError extends Error {
  override readonly name = 'TooManyRulesError';
}

/**
 * The part of `wanted` that `held` does not grant, broken into smallest rules; empty when all of it is held. Of very many
 * missing ones the first are told. KA-128
 *
 * A smallest rule names one verb of one resource (or path), so that it is either granted by a single held rule or by
 * none of them. What a single rule grants as a whole is not broken up.
 *
 * @throws TooManyRulesError
 */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = [];
  let parts = 0;

  function look(part: PolicyRule, fields: readonly Field[]): void {
    parts += 1;
    if (parts > mostParts) throw new TooManyRulesError(`the rules have more than ${mostParts} parts to compare`);
    if (missing.length === mostMissing || held.some((rule) => covers(rule, part))) return;
    const [field, ...rest] = fields;
    if (field === undefined) missing.push(part);
    else if ((part[field] ?? []).length === 0) look(part, rest);
    else for (const value of new Set(part[field])) look({ ...part, [field]: [value] }, rest);
  }

  for (const { verbs, nonResourceURLs, ...resources } of wanted) {
    if ((resources.resources ?? []).length > 0) look({ verbs, ...resources }, resourceFields);
    if (nonResourceURLs !== undefined) look({ verbs, nonResourceURLs }, pathFields);
  }
  return missing;
}

type Field = keyof PolicyRule;
/** In the order in which rules are broken up. */
const resourceFields: readonly Field[] = ['apiGroups', 'resources', 'verbs', 'resourceNames'];
const pathFields: readonly Field[] = ['nonResourceURLs', 'verbs'];

/** Whether one rule grants all of another, which is about resources or about paths. */
function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!containsAll(rule.verbs, part.verbs)) return false;
  if (part.nonResourceURLs !== undefined) {
    const patterns = rule.nonResourceURLs ?? [];
    return part.nonResourceURLs.every((path) => patterns.some((pattern) => pathCovers(pattern, path)));
  }
  const resources = rule.resources ?? [];
  return (
    containsAll(rule.apiGroups ?? [], part.apiGroups ?? []) &&
    (part.resources ?? []).every((resource) => resourceCovers(resources, resource)) &&
    namesCover(rule.resourceNames, part.resourceNames)
  );
}

const containsAll = (held: readonly string[], wanted: readonly string[]): boolean =>
  held.includes('*') || wanted.every((value) => held.includes(value));

function resourceCovers(resources: readonly string[], resource: string): boolean {
  if (resources.includes('*') || resources.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && resources.includes(`*/${resource.slice(slash + 1)}`);
}

function namesCover(held: readonly string[] = [], names: readonly string[] = []): boolean {
  if (held.length === 0) return true;
  return names.length > 0 && names.every((name) => held.includes(name));
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
