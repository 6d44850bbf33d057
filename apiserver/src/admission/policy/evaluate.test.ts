import { fromJson, type JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { auditValues } from './audit.ts';
import { compilePolicy } from './compile-policy.ts';
import { evaluatePolicy } from './evaluate.ts';

const items = (count: number) => Array.from({ length: count }, (_, index) => index);

function evaluate(spec: JsonObject, object: JsonObject = {}, params?: JsonObject) {
  return evaluatePolicy(
    compilePolicy(params === undefined ? spec : { ...spec, paramKind: {} }),
    (name) => (name === 'object' ? fromJson(object) : undefined),
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
