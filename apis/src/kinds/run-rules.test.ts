import { describe, expect, test } from 'vitest';
import { immutable, tolerationKey, tolerationValue, validations } from './rules.ts';
import { ruleErrors, rulesWithoutTwin } from './run-rules.ts';

const fixed = { type: 'object', ...validations(immutable('is fixed')), properties: { value: { type: 'string' } } };
const toleration = { type: 'object', ...validations(tolerationKey, tolerationValue) };
const inField = (child: object) => ({ type: 'object', properties: { field: child } });
const listMap = (items: object) => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items,
});
const error = (field: string, message: string) => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${message}`,
});
const keyless = error('field.operator', 'without a key the operator must be Exists');

describe('KA-104 rules about a change', () => {
  test.each([
    { name: 'KA-104 do not run on a create', value: { field: { value: 'a' } }, old: undefined, want: [] },
    { name: 'KA-104 do not run on an addition', value: { field: { value: 'a' } }, old: {}, want: [] },
    { name: 'KA-104 do not run on a removal', value: {}, old: { field: { value: 'a' } }, want: [] },
    { name: 'KA-104 accept what stays', value: { field: { value: 'a' } }, old: { field: { value: 'a' } }, want: [] },
    {
      name: 'KA-104 refuse what changes',
      value: { field: { value: 'a' } },
      old: { field: { value: 'b' } },
      want: [error('field', 'is fixed')],
    },
  ])('$name', ({ value, old, want }) => {
    expect(ruleErrors(value, inField(fixed), old)).toEqual(want);
  });

  const item = (name: string, value: string) => ({ name, value });
  test.each([
    {
      name: 'KA-104 items of a list-map are compared by key, wherever they stand',
      schema: listMap(fixed),
      value: [item('b', '1'), item('a', '2')],
      old: [item('a', '1'), item('b', '1')],
      want: [error('field[1]', 'is fixed')],
    },
    {
      name: 'KA-104 items of an atomic list have no past',
      schema: { type: 'array', items: fixed },
      value: [item('a', '2')],
      old: [item('a', '1')],
      want: [],
    },
    {
      name: 'KA-104 values of a map are compared by key',
      schema: { type: 'object', additionalProperties: fixed },
      value: { a: item('x', '2'), b: item('x', '1') },
      old: { a: item('x', '1'), b: item('x', '1') },
      want: [error('field.a', 'is fixed')],
    },
  ])('$name', ({ schema, value, old, want }) => {
    expect(ruleErrors({ field: value }, inField(schema), { field: old })).toEqual(want);
  });
});

describe('KA-105 rules about a value', () => {
  const wrong = { field: { value: 'x' } };
  test.each([
    { name: 'KA-105 refuse a new wrong value', value: wrong, old: undefined, want: [keyless] },
    { name: 'KA-105 forgive a wrong value that stays', value: wrong, old: { field: { value: 'x' } }, want: [] },
    { name: 'KA-105 refuse it when it changes', value: wrong, old: { field: { value: 'y' } }, want: [keyless] },
  ])('$name', ({ value, old, want }) => {
    expect(ruleErrors(value, inField(toleration), old)).toEqual(want);
  });
});

test('KA-101 several rules of one node each say what is wrong', () => {
  const value = { key: '', operator: 'Exists', value: 'x' };
  expect(ruleErrors(value, toleration)).toEqual([error('value', 'with the operator Exists there is no value')]);
  expect(ruleErrors({ operator: 'Equal' }, toleration)).toEqual([
    error('operator', 'without a key the operator must be Exists'),
  ]);
});

test('KA-101b rules nobody can run are found, and never pass silently', () => {
  const schema = inField({ type: 'array', items: { 'x-kubernetes-validations': [{ rule: 'self > 1' }] } });
  expect(rulesWithoutTwin(schema)).toEqual(['self > 1']);
  expect(() => ruleErrors({ field: [2] }, schema)).toThrow('no twin for the rule self > 1');
});

test('CI-28 null and absent values carry no rule', () => {
  expect(ruleErrors({ field: null }, inField(toleration))).toEqual([]);
});
