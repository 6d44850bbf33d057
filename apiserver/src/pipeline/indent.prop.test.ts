import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indentJson } from './indent.ts';

test('KA-31 indented JSON is what JSON.stringify makes of it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const compact = JSON.stringify(value);
      expect(indentJson(compact)).toBe(JSON.stringify(JSON.parse(compact), null, 2));
    }),
  );
});

test('KA-52 long integers keep their digits', () => {
  expect(indentJson('{"n":9007199254740993}')).toBe('{\n  "n": 9007199254740993\n}');
});
