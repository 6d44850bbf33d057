import { expect, test } from 'vitest';
import { withTables } from './results.ts';

const document = '# B\n<!-- results: pnpm bench --table -->\nold\n<!-- end of results -->\nwords\n';

test('tables go between the marks, and again without traces of the first time', () => {
  const want = '# B\n<!-- results: pnpm bench --table -->\n\none\n\ntwo\n\n<!-- end of results -->\nwords\n';
  const once = withTables(document, ['one\n', 'two\n']);
  expect(once).toBe(want);
  expect(withTables(once, ['one\n', 'two\n'])).toBe(want);
});

test('a document without marks is not touched', () => {
  expect(() => withTables('# B\n', [])).toThrow('has no place for results');
});
