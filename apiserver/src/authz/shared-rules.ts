import { encodeJson, type JsonValue } from '@quarterdeck/machinery';
import type { PolicyRule } from './authorizer.ts';
import { roleObject } from './bootstrap-merge.ts';
import { bootstrapRoles } from './bootstrap-rbac.ts';
import { rulesOf } from './rbac-objects.ts';
import { type CompiledRule, compileRule } from './rules.ts';

const textOf = (rules: readonly PolicyRule[]): string => encodeJson(rules as unknown as JsonValue);

/** Every server has these roles, and a process may hold a thousand servers: 90 KB of each, when compiled for each. */
const shared: ReadonlyMap<string, readonly CompiledRule[]> = new Map(
  bootstrapRoles.map((role) => {
    const rules = rulesOf(roleObject(role));
    return [textOf(rules), Object.freeze(rules.map(compileRule))] as const;
  }),
);

/** The rules of a role, ready for decisions; those of the bootstrap roles are the same ones in every server. */
export function compileRules(rules: readonly PolicyRule[]): readonly CompiledRule[] {
  return shared.get(textOf(rules)) ?? rules.map(compileRule);
}
