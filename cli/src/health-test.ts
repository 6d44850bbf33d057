import type { HealthRule, KubeObject } from '@quarterdeck/apis';

/** An object may say what is expected of it. */
const expectHealth = 'quarterdeck.dev/expect-health';

/** What a file of rules and objects came to. */
export interface HealthTest {
  /** For a table, the first being the head. */
  readonly rows: readonly (readonly string[])[];
  /** In words; empty: all is as expected. */
  readonly problems: readonly string[];
}

/**
 * Tries health rules on objects, as an agent would judge them. An object with the annotation quarterdeck.dev/expect-health
 * must come out so. DL-22
 * @param documents of a file: HealthRules, and objects to judge by them and by the agent's own rules
 */
export async function testHealth(documents: readonly KubeObject[]): Promise<HealthTest> {
  const { HealthRule: kind, parseApiVersion } = await import('@quarterdeck/apis');
  const { compileHealthRule, healthJudge } = await import('@quarterdeck/agent');
  const problems: string[] = [];
  const rules: HealthRule[] = [];
  for (const document of documents.filter((each) => each.kind === kind.kind)) {
    const read = kind.versions[0]?.schema.safeParse(document);
    if (read?.success !== true) {
      const issues = (read?.error.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
      problems.push(...issues.map((issue) => `HealthRule ${document.metadata.name}: ${issue}`));
      continue;
    }
    const rule = { ...document, ...read.data } as HealthRule;
    const compiled = compileHealthRule(rule);
    if (typeof compiled === 'function') rules.push(rule);
    else
      problems.push(
        ...compiled.problems.map(({ field, message }) => `HealthRule ${document.metadata.name}: ${field}: ${message}`),
      );
  }
  const judge = healthJudge(() => rules as Parameters<typeof healthJudge>[0] extends () => infer R ? R : never);
  const rows = documents
    .filter((each) => each.kind !== kind.kind)
    .map((object) => {
      const { group = '' } = parseApiVersion(object.apiVersion ?? '') ?? {};
      const { health, message } = judge(
        { group, kind: object.kind ?? '' },
        object as unknown as Parameters<typeof judge>[1],
      );
      const expected = object.metadata.annotations?.[expectHealth];
      const title = `${object.kind} ${object.metadata.name ?? ''}`;
      if (expected !== undefined && expected !== health)
        problems.push(`${title} is ${health}, not ${expected} as expected${message === '' ? '' : `: ${message}`}`);
      return [
        title,
        health,
        expected === undefined ? '' : expected === health ? 'as expected' : `not ${expected}`,
        message,
      ];
    });
  return { rows: [['OBJECT', 'HEALTH', 'EXPECTED', 'MESSAGE'], ...rows], problems };
}
