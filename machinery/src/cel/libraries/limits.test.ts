import { expect, test } from 'vitest';
import { CelCostError } from '../errors.ts';
import { type CelType, listType, stringType } from '../types.ts';
import { type CelValue, celList } from '../values.ts';
import { kubernetesCelEnvironment } from './kubernetes.ts';

const environment = kubernetesCelEnvironment();

function program(source: string, variables: Record<string, CelType> = {}) {
  const compiled = environment.compile(source, { variables });
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.program;
}

test.each(['lists.range(9223372036854775807)', 'lists.range(1000000000).size()'])(
  'KA-102 BI-25 %s is stopped before the list is made',
  (source) => {
    expect(() => program(source).evaluate({})).toThrow(CelCostError);
  },
);

test('KA-102 BI-25 a list too long to compare with itself is refused before it is compared', () => {
  const texts = celList(Array.from({ length: 100_000 }, (_, index): CelValue => `text ${index}`));
  const variables = { texts: listType(stringType) };
  expect(() => program('texts.distinct()', variables).evaluate({ texts })).toThrow(CelCostError);
});

test.each([
  ["'a'.find('[')", 'program instantiation failed: error parsing regexp: missing closing ]: `[`'],
  ["'a'.findAll('(', 2)", 'program instantiation failed: error parsing regexp: missing closing ): `(`'],
])('KA-101 %s is refused before it runs', (source, problem) => {
  expect(environment.compile(source, { variables: {} })).toEqual({ ok: false, problem });
});

test('KA-102 functions for patches are in no environment but that of mutating policies', () => {
  const compiled = environment.compile("jsonpatch.escapeKey('a')", { variables: {} });
  expect(compiled).toMatchObject({
    ok: false,
    problem: expect.stringContaining("undeclared reference to 'jsonpatch'"),
  });
});
