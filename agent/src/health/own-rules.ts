import type { HealthRule, Stored } from '@quarterdeck/apis';
import {
  beginningOf,
  type CelEnvironment,
  type CelProgram,
  dynType,
  fromJson,
  type JsonObject,
  kubernetesCelEnvironment,
} from '@quarterdeck/machinery';
import {
  field,
  type Health,
  isBehind,
  isUnobserved,
  type HealthRule as Rule,
  ruleFailed,
  waitingForController,
} from './health.ts';
import { healthOf } from './rules.ts';
import { type Kind, rulesByKind } from './rules-by-kind.ts';

/** Judges live objects, by own rules where there are any and else by those of the agent. Total. DL-22 */
export type HealthJudge = (gvk: Kind, object: JsonObject) => Health;

/** What is wrong with a HealthRule, by field. */
export interface HealthRuleProblem {
  readonly field: string;
  readonly message: string;
}

/** One evaluation may not take longer than this much work; more than enough to walk a large status. */
const costLimit = 100_000;
const maxMessage = 1024;

type State = NonNullable<HealthRule['spec']['states']>[number];

/**
 * Reads the states of a rule.
 * @returns a rule that is total: an expression that fails on an object makes it Unknown, and says so; or the problems
 */
export function compileHealthRule(
  { metadata, spec }: HealthRule,
  environment: CelEnvironment = kubernetesCelEnvironment(),
): Rule | { readonly problems: readonly HealthRuleProblem[] } {
  const problems: HealthRuleProblem[] = [];
  const compile = (source: string, result: 'bool' | 'string', where: string): CelProgram | undefined => {
    const compiled = environment.compile(source, { variables: { object: dynType } });
    if (!compiled.ok) {
      problems.push({ field: where, message: compiled.problem });
      return undefined;
    }
    // Of a field of the object nobody knows the type before it is there.
    const { kind } = compiled.program.resultType;
    if (kind === result || kind === 'dyn') return compiled.program;
    problems.push({ field: where, message: `must give a ${result}, not a ${kind}` });
    return undefined;
  };
  const states = (spec.states ?? []).flatMap((state: State, index) => {
    const where = `spec.states[${index}]`;
    const when = compile(state.when, 'bool', `${where}.when`);
    const message = state.message === undefined ? undefined : compile(state.message, 'string', `${where}.message`);
    return when === undefined ? [] : [{ state, when, message }];
  });
  if (problems.length > 0) return { problems };
  const name = metadata.name ?? '';
  return (object) => {
    const { awaitsObservedGeneration: awaits } = spec;
    if (awaits === 'Always' ? isUnobserved(object) : awaits === 'WhenPresent' && isBehind(object))
      return waitingForController;
    try {
      const bindings = { object: fromJson(object) };
      for (const { state, when, message } of states) {
        if (when.evaluate(bindings, { costLimit }).value !== true) continue;
        const text = message === undefined ? '' : String(message.evaluate(bindings, { costLimit }).value);
        return { health: state.health, reason: state.reason ?? '', message: beginningOf(text, maxMessage) };
      }
      return { health: spec.otherwise, reason: '', message: `no state of the health rule ${name} is true` };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return {
        health: 'Unknown',
        reason: ruleFailed,
        message: beginningOf(`the health rule ${name} failed: ${why}`, maxMessage),
      };
    }
  };
}

/** Compiles rules as they come and go; one that cannot be read makes its kind Unknown and says why. DL-22 */
export function healthJudge(rules: () => readonly Stored<HealthRule>[]): HealthJudge {
  let environment: CelEnvironment | undefined;
  const ruleOf = rulesByKind(rules, (rule) => {
    if (rule.spec.states === undefined) return undefined;
    environment ??= kubernetesCelEnvironment();
    return orUnreadable(rule, compileHealthRule(rule, environment));
  });
  return (gvk, object) => {
    const rule = ruleOf(gvk);
    // What is being deleted is never healthy, whatever a rule says.
    if (rule === undefined || field(object, 'metadata', 'deletionTimestamp') !== undefined)
      return healthOf(gvk, object);
    return rule(object);
  };
}

function orUnreadable({ metadata }: HealthRule, compiled: ReturnType<typeof compileHealthRule>): Rule {
  if (typeof compiled === 'function') return compiled;
  const [first] = compiled.problems;
  const message = `the health rule ${metadata.name} cannot be read: ${first?.field}: ${first?.message}`.slice(
    0,
    maxMessage,
  );
  return () => ({ health: 'Unknown', reason: ruleFailed, message });
}
