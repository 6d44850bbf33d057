import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { parseStructural } from '../schema/parse-structural.ts';
import { parseJson } from '../wire/json.ts';
import type { JsonObject, JsonValue } from '../wire/value.ts';
import type { CompileOptions } from './environment.ts';
import { CelEvaluationError } from './errors.ts';
import type { CelAttributes, CelAuthorizer } from './libraries/authorizer.ts';
import { authorizerValue, requestResourceValue } from './libraries/authz.ts';
import { authorizerType, resourceCheckType } from './libraries/authz-values.ts';
import { jsonPatchLibrary } from './libraries/json-patch.ts';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import { schemaType, schemaTypeProvider, sizeInSchema } from './schema-type.ts';
import { knownDifferences } from './testdata/known-differences.ts';
import { renderValue } from './testdata/render-value.ts';
import { type CelType, printType } from './types.ts';
import type { CelValue } from './values.ts';

/**
 * Replays what Kubernetes 1.35 made of a corpus of expressions (testdata/recorded.json, by e2e/kube/cel-recorder): types,
 * values, errors, costs and estimates must be the same, but for the list of known differences.
 */
interface Recording {
  name: string;
  schema?: JsonObject;
  self?: JsonValue;
  authorizer?: boolean;
  jsonPatch?: boolean;
  answers: Answer[];
}

interface Answer {
  expression: string;
  issues?: string;
  type?: string;
  value?: string;
  error?: string;
  cost?: string;
  estimate?: string[];
}

const file = readFileSync(new URL('./testdata/recorded.json', import.meta.url));
const recordings = parseJson(file) as unknown as Recording[];

const alice = { name: 'alice', uid: '42', groups: ['devs'] };

/** As the recorder's: its reason repeats the question. */
const echo: CelAuthorizer = {
  authorize: (asked) => {
    const reason = question(asked);
    return asked.verb === 'fail'
      ? { allowed: false, reason, error: 'cannot say' }
      : { allowed: asked.verb === 'get', reason };
  },
};

function question(asked: CelAttributes): string {
  const who = `${asked.user.name}[${asked.user.groups.join(' ')}] ${asked.verb}`;
  if ('path' in asked) return `${who} path=${asked.path}`;
  const { group, version, resource, subresource, namespace, name, fieldSelector, labelSelector } = asked;
  const fields = selected(
    'fields',
    fieldSelector,
    ({ field, operator, value }) => `field(${field} ${operator} ${value})`,
  );
  const labels = selected(
    'labels',
    labelSelector,
    ({ key, operator, values }) => `label(${key} ${operator} ${values})`,
  );
  return `${who} group=${group} version=${version} resource=${resource}/${subresource} object=${namespace}/${name}${fields}${labels}`;
}

function selected<T>(
  name: string,
  selector: { requirements: readonly T[] } | { problem: string } | undefined,
  print: (requirement: T) => string,
): string {
  if (selector === undefined) return '';
  return 'problem' in selector ? ` ${name}!` : selector.requirements.map((item) => ` ${print(item)}`).join('');
}

interface Setting {
  options: CompileOptions;
  bindings: Record<string, CelValue>;
}

function settingOf({ schema, self, authorizer }: Recording): Setting {
  const variables: Record<string, CelType> = {};
  const bindings: Record<string, CelValue> = {};
  let options: Partial<CompileOptions> = {};
  if (schema !== undefined) {
    const root = schemaType(parseStructural(schema), { name: 'selfType', resourceRoot: false });
    if (root === undefined) throw new Error('the schema has no type');
    variables.self = root.type;
    bindings.self = root.decode(self ?? null);
    options = { provider: schemaTypeProvider([root]), sizeOfPath: sizeInSchema(root) };
  }
  if (authorizer === true) {
    const pod = { group: '', resource: 'pods', subresource: 'status', namespace: 'shop', name: 'web-0' };
    variables.authorizer = authorizerType;
    variables['authorizer.requestResource'] = resourceCheckType;
    bindings.authorizer = authorizerValue(echo, alice);
    bindings['authorizer.requestResource'] = requestResourceValue(echo, alice, pod);
  }
  return { options: { ...options, variables }, bindings };
}

const environments = {
  plain: kubernetesCelEnvironment(),
  withPatches: kubernetesCelEnvironment({ more: [jsonPatchLibrary] }),
};

function answer(recording: Recording, expression: string): Answer {
  const { options, bindings } = settingOf(recording);
  const environment = recording.jsonPatch === true ? environments.withPatches : environments.plain;
  const compiled = environment.compile(expression, options);
  if (!compiled.ok && compiled.error !== undefined) return { expression, issues: compiled.error.message };
  if (!compiled.ok) {
    return { expression, issues: compiled.problem.replace('program instantiation failed', 'program') };
  }
  const { program, estimatedCost } = compiled;
  const found = {
    expression,
    type: printType(program.resultType),
    estimate: [estimatedCost.min, estimatedCost.max].map(amount),
  };
  try {
    const { value, cost } = program.evaluate(bindings);
    return { ...found, value: renderValue(value), cost: amount(cost) };
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    return { ...found, error: error.message };
  }
}

/** Costs are doubles here: beyond 2^53 they are compared by nine digits. */
function amount(cost: number): string {
  return Number.isSafeInteger(cost) ? String(cost) : cost.toPrecision(9);
}

/** What a recorded answer is compared by. Errors have no cost here, and programs that cannot be made no estimate. */
function comparable(recorded: Answer): Answer {
  const { expression, issues, cost, estimate, ...rest } = recorded;
  if (issues !== undefined) return { expression, issues: issues.trimEnd() };
  const counted = rest.error === undefined && cost !== undefined ? { cost } : {};
  return { expression, ...rest, ...counted, estimate: (estimate ?? []).map((text) => amount(Number(text))) };
}

const isKnown = ({ name }: Recording, { expression }: Answer) => knownDifferences.has(`${name}: ${expression}`);

test.each(recordings)('KA-101 KA-102 $name: expressions mean and cost what they do in Kubernetes', (recording) => {
  const asked = recording.answers.filter((recorded) => !isKnown(recording, recorded));
  const ours = asked.map(({ expression }) => answer(recording, expression));
  expect(ours).toEqual(asked.map(comparable));
});

test('KA-102 each known difference is one', () => {
  const found = recordings.flatMap((recording) =>
    recording.answers
      .filter((recorded) => isKnown(recording, recorded))
      .map((recorded) => ({ recording, recorded, ours: answer(recording, recorded.expression) })),
  );
  const equal = found.filter(({ recorded, ours }) => isDeepStrictEqual(ours, comparable(recorded)));
  expect(equal.map(({ recorded }) => recorded.expression)).toEqual([]);
  expect(found.map(({ recording, recorded }) => `${recording.name}: ${recorded.expression}`).sort()).toEqual(
    [...knownDifferences.keys()].sort(),
  );
});
