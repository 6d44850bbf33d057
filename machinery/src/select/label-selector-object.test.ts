import type { LabelSelector } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { labelSelectorToRequirements, labelSelectorToString, validateLabelSelector } from './label-selector-object.ts';
import { matchesLabels } from './requirement.ts';
import { SelectorError } from './selector-error.ts';

const full: LabelSelector = {
  matchLabels: { a: '1' },
  matchExpressions: [
    { key: 'b', operator: 'In', values: ['y', 'x'] },
    { key: 'c', operator: 'NotIn', values: ['z'] },
    { key: 'd', operator: 'Exists' },
    { key: 'e', operator: 'DoesNotExist', values: [] },
  ],
};

test('KA-81 a selector object becomes requirements, and text', () => {
  expect(labelSelectorToRequirements(full)).toEqual([
    { key: 'a', operator: '=', values: ['1'] },
    { key: 'b', operator: 'in', values: ['x', 'y'] },
    { key: 'c', operator: 'notin', values: ['z'] },
    { key: 'd', operator: 'exists', values: [] },
    { key: 'e', operator: '!', values: [] },
  ]);
  expect(labelSelectorToString(full)).toBe('!e,a=1,b in (x,y),c notin (z),d');
  expect(validateLabelSelector(full, 'spec.selector')).toEqual([]);
});

test('KA-81 the empty selector matches everything', () => {
  expect(matchesLabels(labelSelectorToRequirements({}), undefined)).toBe(true);
});

const bad = {
  matchLabels: { '-a': 'ok', ok: '-' },
  matchExpressions: [
    { key: 'b', operator: 'In' },
    { key: 'c', operator: 'Exists', values: ['x'] },
    { key: 'd', operator: 'Like', values: ['x'] },
    { key: '', operator: 'In', values: ['ok', '-'] },
  ],
} as unknown as LabelSelector;

test('KA-38 KA-81 every problem is reported at its path', () => {
  expect(validateLabelSelector(bad, 's').map(({ reason, field }) => `${field} ${reason}`)).toEqual([
    's.matchLabels FieldValueInvalid',
    's.matchLabels FieldValueInvalid',
    's.matchExpressions[0].values FieldValueRequired',
    's.matchExpressions[1].values FieldValueForbidden',
    's.matchExpressions[2].operator FieldValueInvalid',
    's.matchExpressions[3].key FieldValueInvalid',
    's.matchExpressions[3].values[1] FieldValueInvalid',
  ]);
});

test.each([
  { name: 'key', selector: { matchLabels: { '-a': 'ok' } } },
  { name: 'no values', selector: { matchExpressions: [{ key: 'b', operator: 'In' }] } },
  { name: 'too many values', selector: { matchExpressions: [{ key: 'b', operator: 'Exists', values: ['x'] }] } },
  { name: 'operator', selector: { matchExpressions: [{ key: 'b', operator: 'Like' }] } },
])('KA-81 a bad selector object has no requirements: $name', ({ selector }) => {
  expect(() => labelSelectorToRequirements(selector as LabelSelector)).toThrow(SelectorError);
});
