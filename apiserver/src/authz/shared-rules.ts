import { encodeJson, type JsonValue } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import { roleObject } from './bootstrap-merge.ts';
import { bootstrapRoles } from './bootstrap-rbac.ts';
import { rulesOf } from './rbac-objects.ts';
import { type CompiledRule, compileRule } from './rules.ts';

const textOf = (rules: PolicyRule | readonly PolicyRule[]): string => encodeJson(rules as unknown as JsonValue);

const rulesOfRoles = bootstrapRoles.map((role) => rulesOf(roleObject(role)));

/** Every server has these roles, and a process may hold a thousand servers: 90 KB of each, when compiled for each. */
const sharedRules: ReadonlyMap<string, CompiledRule> = new Map(
  rulesOfRoles.flat().map((rule) => [textOf(rule), compileRule(rule)]),
);
const sharedRoles: ReadonlyMap<string, readonly CompiledRule[]> = new Map(
  rulesOfRoles.map((rules) => [textOf(rules), Object.freeze(rules.map(compiled))]),
);

/**
 * The rules of a role, ready for decisions; those of the bootstrap roles are the same ones in every server, also where they
 * are part of an aggregated role: another 80 KB of each.
 */
export function compileRules(rules: readonly PolicyRule[]): readonly CompiledRule[] {
  return sharedRoles.get(textOf(rules)) ?? rules.map(compiled);
}

function compiled(rule: PolicyRule): CompiledRule {
  return sharedRules.get(textOf(rule)) ?? compileRule(rule);
}
