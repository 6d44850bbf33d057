import { describe, expect, test } from 'vitest';
import { createCelEnvironment } from './environment.ts';
import { CelCostError, CelEvaluationError } from './errors.ts';
import { fromJson, toJson } from './json.ts';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import type { CelLibrary } from './library.ts';
import { boolType, type CelType, dynType, intType, listType, mapType, stringType } from './types.ts';
import { CelMap, type CelValue } from './values.ts';

const environment = kubernetesCelEnvironment();

function compile(source: string, variables: Record<string, CelType> = {}, resultType?: CelType) {
  return environment.compile(source, { variables, ...(resultType === undefined ? {} : { resultType }) });
}

function program(source: string, variables: Record<string, CelType> = {}) {
  const compiled = compile(source, variables);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.program;
}

describe('compile', () => {
  test.each<[string, string, string]>([
    ['does not parse', '1 +', 'compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input'],
    [
      'names what is not declared',
      'self.a',
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'self' (in container '')\n | self.a\n | ^",
    ],
    [
      'has no overload',
      "1 + 'a'",
      "compilation failed: ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^",
    ],
    [
      'mixes types in a literal',
      "[1, 'a']",
      "compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^",
    ],
    ['has a bad pattern', "'a'.matches('(')", 'compilation failed: ERROR: <input>:1:13: invalid matches argument'],
    ['has a bad duration', "duration('1x')", 'compilation failed: ERROR: <input>:1:10: invalid duration argument'],
    ['is of another type', '1', 'cel expression must evaluate to a bool'],
    [
      'converts a constant that cannot be converted',
      "int('x') == 1",
      "program instantiation failed: type conversion error from 'string' to 'int'",
    ],
  ])('KA-101 an expression that %s is refused', (_what, source, problem) => {
    const compiled = compile(source, {}, boolType);
    expect(compiled).toMatchObject({ ok: false });
    expect(compiled.ok ? '' : compiled.problem).toContain(problem);
  });

  test('KA-101 all issues of the types are found at once, in the order of the source', () => {
    const compiled = compile('b.c && a.d', { b: intType });
    const issues = compiled.ok ? [] : (compiled.error?.issues ?? []);
    expect(issues.map(({ column, message }) => [column, message])).toEqual([
      [1, "type 'int' does not support field selection"],
      [7, "undeclared reference to 'a' (in container '')"],
    ]);
  });

  test('KA-101 a program tells its type and the variables it reads', () => {
    const { resultType, reads } = program('a.all(x, x > b) ? c : {}', {
      a: listType(intType),
      b: intType,
      c: mapType(stringType, dynType),
      d: intType,
    });
    expect({ resultType, reads }).toEqual({
      resultType: mapType(stringType, dynType),
      reads: new Set(['a', 'b', 'c']),
    });
  });

  test('KA-102 a library may add functions, macros, constants and types', () => {
    const library: CelLibrary = {
      name: 'own',
      constants: [{ name: 'own.answer', type: intType, value: 42n }],
      functions: [
        {
          name: 'own.twice',
          overloads: [
            {
              id: 'own_twice_int',
              member: false,
              params: [intType],
              result: intType,
              call: ([value]) => (value as bigint) * 2n,
              cost: { estimate: () => ({ cost: { min: 5, max: 7 } }), actual: () => 6 },
            },
          ],
        },
      ],
      macros: [
        {
          name: 'same',
          member: false,
          arity: 1,
          expand: (make, _target, [x]) => x && make.call('_==_', x, make.copy(x)),
        },
      ],
    };
    const compiled = createCelEnvironment({ libraries: [library] }).compile('same(own.twice(own.answer))', {
      variables: {},
    });
    expect(compiled).toMatchObject({ ok: true, estimatedCost: { min: 13, max: 17 } });
    expect(compiled.ok && compiled.program.evaluate({})).toEqual({ value: true, cost: 13 });
  });
});

describe('evaluate', () => {
  test('KA-137 a variable is asked for when the evaluation comes to it, and not before', () => {
    const asked: string[] = [];
    const bindings = (name: string): CelValue => {
      asked.push(name);
      return name === 'a';
    };
    expect(program('a || b', { a: boolType, b: boolType }).evaluate(bindings)).toEqual({ value: true, cost: 1 });
    expect(asked).toEqual(['a']);
  });

  test('KA-137 a map may compute its entries as they are read', () => {
    const read: CelValue[] = [];
    class Lazy extends CelMap {
      readonly size = 2;
      get(key: CelValue) {
        read.push(key);
        return key === 'b' ? 7n : undefined;
      }
      *keys(): IterableIterator<CelValue> {
        yield* ['a', 'b'];
      }
    }
    const variables = { variables: mapType(stringType, dynType) };
    expect(program('variables.b == 7', variables).evaluate({ variables: new Lazy() }).value).toBe(true);
    expect(read).toEqual(['b']);
  });

  test.each([
    ['a conjunction', 'false && [1, 2, 3].all(x, x > 0) || l.all(x, x < 0 || true)'],
    ['a quantifier', 'l.exists(x, x > 100)'],
    ['an optional', 'optional.of(l.map(x, x)).orValue([])'],
  ])('KA-101 running out of cost is not absorbed by %s', (_what, source) => {
    const run = program(source, { l: listType(intType) });
    const l = fromJson([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(() => run.evaluate({ l }, { costLimit: 20 })).toThrow(CelCostError);
    expect(() => run.evaluate({ l }, { costLimit: 200 })).not.toThrow();
  });

  test('KA-101 one evaluation costs a million at most unless told otherwise', () => {
    const run = program('l.all(x, l.all(y, l.all(z, z != 0)))', { l: listType(intType) });
    const l = fromJson(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(() => run.evaluate({ l })).toThrow(CelCostError);
  });

  test.each<[string, boolean | string]>([
    ['true || 1 / 0 == 1', true],
    ['1 / 0 == 1 || true', true],
    ['1 / 0 == 1 && false', false],
    ['1 / 0 == 1 || false', 'division by zero'],
    ['[0, 1].exists(x, 1 / x == 1)', true],
    ['[0, 2].exists(x, 1 / x == 1)', 'division by zero'],
    ['[0, 1].all(x, 1 / x == 2)', false],
    ['[0, 1].exists_one(x, 1 / x == 1)', 'division by zero'],
    ['[1].map(x, [2].map(x, x + 1)[0] + x) == [4]', true],
    ['[[1, 2], [3]].map(l, l.map(x, x * l.size())) == [[2, 4], [3]]', true],
    ["dyn('a') || true", true],
    ["dyn('a') && true", 'no such overload'],
  ])('KA-102 %s is %s', (source, wanted) => {
    const run = () => program(source).evaluate({}).value;
    if (typeof wanted === 'boolean') return expect(run()).toBe(wanted);
    expect(run).toThrow(CelEvaluationError);
    expect(run).toThrow(wanted);
  });

  test('BI-3 lists that are doubled over and over take no memory, and comparing them is not begun', () => {
    const doubled = `optional.of(l)${'.optMap(a, a + a)'.repeat(12)}.value()`;
    const l = fromJson(Array.from({ length: 100_000 }, (_, index) => index));
    const variables = { l: listType(intType) };
    expect(program(`${doubled}.size()`, variables).evaluate({ l }).value).toBe(409_600_000n);
    expect(() => program(`${doubled} == ${doubled}`, variables).evaluate({ l })).toThrow(CelCostError);
    expect(() => program(`5 in ${doubled}`, variables).evaluate({ l })).toThrow(CelCostError);
    expect(() => program(`5 in dyn(${doubled})`, variables).evaluate({ l })).toThrow(CelCostError);
  });

  test('BI-3 many equal terms are checked in one pass', () => {
    const compiled = compile(Array.from({ length: 5_000 }, () => '[1] == [2]').join(' || '));
    expect(compiled).toMatchObject({ ok: true, estimatedCost: { min: 21, max: 105_000 } });
  });

  test('KA-101 appending in a comprehension leaves earlier lists and maps as they were', () => {
    const source = '[1, 2].map(x, l + [x]).map(l2, l2.size()) == [3, 3] && (l + l).size() == 4 && l.size() == 2';
    expect(program(source, { l: listType(intType) }).evaluate({ l: fromJson([8, 9]) }).value).toBe(true);
    const nested = "[1, 2].transformMap(i, v, {'a': v}.transformMap(k, w, w + v))";
    expect(toJson(program(nested).evaluate({}).value)).toEqual({ 0: { a: 2 }, 1: { a: 4 } });
  });
});
