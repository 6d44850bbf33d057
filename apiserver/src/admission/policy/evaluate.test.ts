import { authorizerValue, fromJson, type JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { auditValues } from './audit.ts';
import { compilePolicy } from './compile-policy.ts';
import { evaluatePolicy } from './evaluate.ts';

const items = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Who may do everything, in a namespace of its own. */
function known(name: string, object: JsonObject) {
  switch (name) {
    case 'object':
      return fromJson(object);
    case 'namespaceObject':
      return fromJson({ metadata: { name: 'n' } });
    case 'authorizer':
      return authorizerValue({ authorize: () => ({ allowed: true, reason: '' }) }, { name: 'ada', groups: [] });
    default:
      return undefined;
  }
}

function evaluate(spec: JsonObject, object: JsonObject = {}, params?: JsonObject) {
  return evaluatePolicy(
    compilePolicy(params === undefined ? spec : { ...spec, paramKind: {} }),
    (name) => known(name, object),
    params,
  );
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run';

test('KA-137c one expression may not cost more than a call', () => {
  const spec = { validations: [{ expression: 'object.l.all(a, object.l.all(b, a != b || b < 5000))' }] };
  expect(evaluate(spec, { l: items(1000) }).decisions).toEqual([
    {
      type: 'error',
      message: `expression '${spec.validations[0]?.expression}' resulted in error: operation cancelled: actual cost limit exceeded`,
    },
  ]);
});

test('KA-137c all validations of a binding share a budget, their variables too', () => {
  const variables = items(24).map((index) => ({
    name: `v${index}`,
    expression: 'object.l.all(a, object.l.all(b, a != b || b < 5000))',
  }));
  const validations = variables.map(({ name }) => ({ expression: `variables.${name}` }));
  const { decisions } = evaluate({ variables, validations }, { l: items(300) });
  expect(decisions).toEqual([{ type: 'error', message: outOfBudget }]);
});

test('KA-137c match conditions have a budget of their own', () => {
  const matchConditions = items(10).map((index) => ({
    name: `c${index}`,
    expression: 'object.l.all(a, object.l.all(b, a != b || b < 5000))',
  }));
  const spec = { matchConditions, validations: [{ expression: 'true' }] };
  expect(evaluate(spec, { l: items(300) }).decisions).toEqual([{ type: 'error', message: outOfBudget }]);
});

test('KA-137b a variable is evaluated once', () => {
  const heavy = 'object.l.all(a, object.l.all(b, a != b || b < 5000))';
  const validations = items(24).map(() => ({ expression: 'variables.v' }));
  const { decisions } = evaluate({ variables: [{ name: 'v', expression: heavy }], validations }, { l: items(300) });
  expect(new Set(decisions.map(({ type }) => type))).toEqual(new Set(['admit']));
});

test.each<{ name: string; validation: JsonObject; want: string }>([
  { name: 'an expression', validation: { messageExpression: "' made '", message: 'said' }, want: 'made' },
  { name: 'lines', validation: { messageExpression: "'a\\nb'", message: ' said ' }, want: 'said' },
  { name: 'nothing', validation: { messageExpression: "' '" }, want: 'failed expression: false' },
  { name: 'an error', validation: { messageExpression: 'string(object.x)', message: 'said' }, want: 'said' },
  { name: 'no text', validation: {}, want: 'failed expression: false' },
])('KA-137b the message of $name', ({ validation, want }) => {
  const { decisions } = evaluate({ validations: [{ expression: ' false ', ...validation }] });
  expect(decisions).toEqual([{ type: 'deny', message: want, reason: 'Invalid' }]);
});

test('KA-137b messages cannot ask what the user may do, not even through variables', () => {
  const spec = {
    variables: [{ name: 'may', expression: "authorizer.path('/x').check('get').allowed()" }],
    validations: [{ expression: 'false', messageExpression: 'string(variables.may)', message: 'said' }],
  };
  expect(evaluate(spec).decisions).toEqual([{ type: 'deny', message: 'said', reason: 'Invalid' }]);
  // Rules may.
  const asking = { ...spec, validations: [{ expression: 'variables.may' }] };
  expect(evaluate(asking).decisions).toEqual([{ type: 'admit' }]);
  const annotations = [{ key: 'k', valueExpression: 'string(variables.may)' }];
  expect(evaluate({ ...asking, auditAnnotations: annotations }).annotations).toMatchObject([
    { key: 'k', always: false },
  ]);
});

test('KA-137b a match condition that is false spares the request, whatever the others say', () => {
  const [broken, no, yes] = ['object.x == 1', 'false', 'true'].map((expression) => ({ name: expression, expression }));
  const decide = (...matchConditions: (JsonObject | undefined)[]) => {
    const given = matchConditions.filter((one) => one !== undefined);
    return evaluate({ matchConditions: given, validations: [{ expression: 'false' }] }).decisions.map(
      ({ type }) => type,
    );
  };
  expect([decide(broken, no), decide(no, broken), decide(yes, broken), decide(yes, no), decide(yes)]).toEqual([
    [],
    [],
    ['error'],
    [],
    ['deny'],
  ]);
});

test('KA-137b match conditions do not see the namespace', () => {
  const spec = { validations: [{ expression: "namespaceObject.metadata.name == 'n'" }] };
  expect(evaluate(spec).decisions).toEqual([{ type: 'admit' }]);
  const matchConditions = [{ name: 'c', expression: "namespaceObject.metadata.name == 'n'" }];
  expect(evaluate({ ...spec, matchConditions }).decisions).toMatchObject([{ type: 'error' }]);
});

test('KA-137b a message is cut off at nothing: one that is too long is not used', () => {
  const longest = 'x'.repeat(5 * 1024);
  const message = (text: string) =>
    evaluate(
      { validations: [{ expression: 'false', messageExpression: 'string(object.text)', message: 'said' }] },
      { text },
    ).decisions;
  expect([message(longest), message(`${longest}x`)]).toMatchObject([[{ message: longest }], [{ message: 'said' }]]);
});

test('KA-137b what was stored and does not compile is told by the failurePolicy', () => {
  expect(evaluate({ validations: [{ expression: 'object.' }] }).decisions).toMatchObject([{ type: 'error' }]);
});

test('KA-137b audit annotations are texts or nothing; the values of all bindings stand under one key', () => {
  const spec = {
    auditAnnotations: [
      { key: 'name', valueExpression: "' ' + params.name" },
      { key: 'none', valueExpression: 'null' },
      { key: 'blank', valueExpression: "''" },
      { key: 'broken', valueExpression: 'string(object.x)' },
    ],
  };
  const results = ['a', 'b', 'a'].map((name) => evaluate(spec, {}, { name }));
  expect(results[0]?.annotations).toEqual([
    { key: 'name', value: 'a' },
    {
      key: 'broken',
      error: "expression 'string(object.x)' resulted in error: no such key: x",
      always: false,
    },
  ]);
  expect([...auditValues('p', results)]).toEqual([['p/name', 'a, b']]);
});
