import type { HealthRule, Stored } from '@quarterdeck/apis';
import { type CelEnvironment, dynType, kubernetesCelEnvironment, parseJsonPath } from '@quarterdeck/machinery';
import type { HealthRuleProblem } from '../../health/own-rules.ts';
import { type Kind, rulesByKind } from '../../health/rules-by-kind.ts';
import type { FeedbackField } from './feedback.ts';

/** The fields that reports show of every object of a kind; undefined: the hub has not said yet. DL-23 */
export type KindFeedback = (kind: Kind) => readonly FeedbackField[] | undefined;

type Asked = NonNullable<HealthRule['spec']['feedback']>[number];

/** Follows rules as they come and go. @param rules undefined: they are not known yet */
export function kindFeedback(rules: () => readonly Stored<HealthRule>[] | undefined): KindFeedback {
  const fieldsOf = rulesByKind(
    () => rules() ?? [],
    ({ metadata, spec }) => spec.feedback?.map((asked) => fieldOf(asked, metadata.name)),
  );
  return (kind) => (rules() === undefined ? undefined : (fieldsOf(kind) ?? []));
}

function fieldOf({ name, jsonPath, expression = '' }: Asked, rule: string): FeedbackField {
  const source = jsonPath ?? expression;
  return { name, rule, source, read: jsonPath === undefined ? expression : parseJsonPath(jsonPath) };
}

/** What no agent could read of the fields that a rule asks for. */
export function feedbackProblems(
  { spec }: Pick<HealthRule, 'spec'>,
  environment: CelEnvironment = kubernetesCelEnvironment(),
): HealthRuleProblem[] {
  return (spec.feedback ?? []).flatMap(({ jsonPath, expression }, index): HealthRuleProblem[] => {
    const where = `spec.feedback[${index}]`;
    if (jsonPath !== undefined) {
      const read = parseJsonPath(jsonPath);
      return typeof read === 'function' ? [] : [{ field: `${where}.jsonPath`, message: read.problem }];
    }
    if (expression === undefined) return []; // the schema wants one of the two
    const compiled = environment.compile(expression, { variables: { object: dynType } });
    return compiled.ok ? [] : [{ field: `${where}.expression`, message: compiled.problem }];
  });
}
