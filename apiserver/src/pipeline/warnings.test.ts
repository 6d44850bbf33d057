import { expect, test } from 'vitest';
import { createWarnings } from './warnings.ts';

test('KA-62 warnings are quoted and escaped, each once', () => {
  const warnings = createWarnings();
  for (const text of ['unknown field "spec.x"', 'a\\b\nc', 'unknown field "spec.x"']) warnings.add(text);
  expect(warnings.headers()).toEqual(['299 - "unknown field \\"spec.x\\""', '299 - "a\\\\b c"']);
});

test('KA-62 too much in all is cut short, item by item', () => {
  const warnings = createWarnings();
  for (let index = 0; index < 20; index += 1) warnings.add(`${index}`.padEnd(400, 'x'));
  const headers = warnings.headers();
  expect(headers).toHaveLength(16);
  expect(headers[0]).toBe(`299 - "${'0'.padEnd(256, 'x')}"`);
});
