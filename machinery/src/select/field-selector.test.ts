import { expect, test } from 'vitest';
import {
  escapeFieldValue,
  exactFieldValue,
  type FieldRequirement,
  fieldSelectorToString,
  matchesFields,
  parseFieldSelector,
  unsupportedField,
} from './field-selector.ts';
import { SelectorError } from './selector-error.ts';

const term = (field: string, operator: '=' | '!=', value: string): FieldRequirement => ({ field, operator, value });

test.each([
  { text: '', want: [] },
  { text: 'metadata.name=x', want: [term('metadata.name', '=', 'x')] },
  { text: 'metadata.name==x', want: [term('metadata.name', '=', 'x')] },
  { text: 'metadata.name!=x', want: [term('metadata.name', '!=', 'x')] },
  { text: 'a=,b=2', want: [term('a', '=', ''), term('b', '=', '2')] },
  { text: ',a=1,,', want: [term('a', '=', '1')] },
  { text: 'a=x\\,y\\=z\\\\', want: [term('a', '=', 'x,y=z\\')] },
  { text: 'a=b!c', want: [term('a', '=', 'b!c')] },
])('KA-81 field selector "$text"', ({ text, want }) => {
  expect(parseFieldSelector(text)).toEqual(want);
});

test.each([
  { text: 'a', position: 0 },
  { text: 'x=1,a', position: 4 },
  { text: 'a=b=c', position: 3 },
  { text: 'a=\\x', position: 2 },
  { text: 'a=b\\', position: 3 },
])('KA-81 BI-9 field selector "$text" is refused at $position', ({ text, position }) => {
  expect(() => parseFieldSelector(text)).toThrow(SelectorError);
  try {
    parseFieldSelector(text);
  } catch (error) {
    expect((error as SelectorError).position).toBe(position);
  }
});

test('KA-81 matching; a field without value counts as empty', () => {
  const fields: Record<string, string> = { 'metadata.name': 'x' };
  const matches = (text: string) => matchesFields(parseFieldSelector(text), (field) => fields[field]);
  expect(matches('')).toBe(true);
  expect(matches('metadata.name=x')).toBe(true);
  expect(matches('metadata.name!=x')).toBe(false);
  expect(matches('type=')).toBe(true);
  expect(matches('type!=Opaque')).toBe(true);
  expect(matches('metadata.name=x,type=Opaque')).toBe(false);
});

test('KA-81 BI-10 the first unsupported field is named', () => {
  const supported = new Set(['metadata.name']);
  expect(unsupportedField(parseFieldSelector('metadata.name=x,spec.x=1,spec.y=2'), supported)).toBe('spec.x');
  expect(unsupportedField(parseFieldSelector('metadata.name=x'), supported)).toBeUndefined();
});

test('KA-6 the pinned value of a field', () => {
  expect(exactFieldValue(parseFieldSelector('a!=x,a=y'), 'a')).toBe('y');
  expect(exactFieldValue(parseFieldSelector('a!=x'), 'a')).toBeUndefined();
});

test('KA-81 values are escaped', () => {
  expect(escapeFieldValue('a,b=c\\d')).toBe('a\\,b\\=c\\\\d');
  expect(fieldSelectorToString([term('a', '!=', 'x,y'), term('b', '=', '')])).toBe('a!=x\\,y,b=');
});
