import type { HealthRule, KubeObject } from '@quarterdeck/apis';

/** An object may say what is expected of it. */
const expectHealth = 'quarterdeck.dev/expect-health';
/** `phase="Running"; lag=3`: fields of the report with their values as JSON, between semicolons or on lines of their own. */
const expectFields = 'quarterdeck.dev/expect-fields';

/** What a file of rules and objects came to. */
export interface HealthTest {
  /** For a table, the first being the head. */
  readonly rows: readonly (readonly string[])[];
  /** The same of the fields that rules ask for; the head alone: no rule asks for any. */
  readonly fieldRows: readonly (readonly string[])[];
  /** In words; empty: all is as expected. */
  readonly problems: readonly string[];
}

/**
 * Tries health rules on objects, as an agent would judge and report them. An object with the annotation
 * quarterdeck.dev/expect-health must come out so, and one with quarterdeck.dev/expect-fields have these values. DL-22, DL-23
 * @param documents of a file: HealthRules, and objects to judge by them and by the agent's own rules
 */
export async function testHealth(documents: readonly KubeObject[]): Promise<HealthTest> {
  const { HealthRule: kind, parseApiVersion } = await import('@quarterdeck/apis');
  const { createFieldReader, feedbackOf, healthJudge, kindFeedback } = await import('@quarterdeck/agent');
  const { rules, problems } = await readRules(documents.filter((each) => each.kind === kind.kind));
  const judge = healthJudge(() => rules as StoredRules);
  const asked = kindFeedback(() => rules as StoredRules);
  const readField = createFieldReader();
  const rows: string[][] = [['OBJECT', 'HEALTH', 'EXPECTED', 'MESSAGE']];
  const fieldRows: string[][] = [['OBJECT', 'FIELD', 'VALUE', 'EXPECTED']];
  for (const object of documents.filter((each) => each.kind !== kind.kind)) {
    const { group = '' } = parseApiVersion(object.apiVersion ?? '') ?? {};
    const gvk = { group, kind: object.kind ?? '' };
    const live = object as unknown as Parameters<typeof judge>[1];
    const title = `${object.kind} ${object.metadata.name ?? ''}`;

    const { health, message } = judge(gvk, live);
    const expected = object.metadata.annotations?.[expectHealth];
    if (expected !== undefined && expected !== health)
      problems.push(`${title} is ${health}, not ${expected} as expected${message === '' ? '' : `: ${message}`}`);
    rows.push([title, health, verdict(expected, health), message]);

    const wanted = new Map(readExpected(object.metadata.annotations?.[expectFields]));
    for (const { name, value, error = '' } of feedbackOf(asked(gvk) ?? [], live, readField)) {
      const seen = value ?? `(${error})`;
      const want = wanted.get(name);
      wanted.delete(name);
      if (want !== undefined && want !== value)
        problems.push(`${title} has the field ${name}=${seen}, not ${want} as expected`);
      fieldRows.push([title, name, seen, verdict(want, value)]);
    }
    for (const [name, want] of wanted) problems.push(`${title} has no field ${name}, and ${want} was expected`);
  }
  return { rows, fieldRows, problems };
}

type StoredRules = ReturnType<Parameters<typeof import('@quarterdeck/agent').healthJudge>[0]>;

/** Those that agents can read, and what is wrong with the others. */
async function readRules(documents: readonly KubeObject[]): Promise<{ rules: HealthRule[]; problems: string[] }> {
  const { HealthRule: kind } = await import('@quarterdeck/apis');
  const { compileHealthRule, feedbackProblems } = await import('@quarterdeck/agent');
  const rules: HealthRule[] = [];
  const problems: string[] = [];
  for (const document of documents) {
    const title = `HealthRule ${document.metadata.name}`;
    const read = kind.versions[0]?.schema.safeParse(document);
    if (read?.success !== true) {
      const issues = read?.error.issues ?? [];
      problems.push(...issues.map(({ path, message }) => `${title}: ${path.join('.')}: ${message}`));
      continue;
    }
    const rule = { ...document, ...read.data } as HealthRule;
    const compiled = compileHealthRule(rule);
    const wrong = [
      ...shapeProblems(rule),
      ...(typeof compiled === 'function' ? [] : compiled.problems),
      ...feedbackProblems(rule),
    ];
    if (wrong.length === 0) rules.push(rule);
    problems.push(...wrong.map(({ field, message }) => `${title}: ${field}: ${message}`));
  }
  return { rules, problems };
}

/** What the rules of the schema say, which a server runs. */
function shapeProblems({ spec: { states, feedback = [] } }: HealthRule) {
  const names = feedback.map(({ name }) => name);
  return [
    ...(states === undefined && feedback.length === 0
      ? [{ field: 'spec', message: 'needs states, feedback, or both' }]
      : []),
    ...feedback.flatMap(({ name, jsonPath, expression }, index) => [
      ...((jsonPath === undefined) === (expression === undefined)
        ? [{ field: `spec.feedback[${index}]`, message: 'needs either a jsonPath or an expression' }]
        : []),
      ...(names.indexOf(name) === index
        ? []
        : [{ field: `spec.feedback[${index}].name`, message: `there are two fields ${name}` }]),
    ]),
  ];
}

const verdict = (expected: string | undefined, seen: string | undefined): string =>
  expected === undefined ? '' : expected === seen ? 'as expected' : `not ${expected}`;

function readExpected(text = ''): (readonly [string, string])[] {
  return text.split(/[;\n]/).flatMap((entry) => {
    const [name = '', ...rest] = entry.split('=');
    return name.trim() === '' ? [] : [[name.trim(), rest.join('=').trim()] as const];
  });
}
