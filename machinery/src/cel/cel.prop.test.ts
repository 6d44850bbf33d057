import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast } from '../testing/at-least.ts';
import { createCelEnvironment } from './environment.ts';
import { CelCostError, CelError, CelEvaluationError } from './errors.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { standardMacros } from './macros.ts';
import { parseExpression } from './parser.ts';
import { printExpression } from './testdata/print-expression.ts';
import { dynType, intType, listType, mapType, stringType } from './types.ts';
import { CelUint, type CelValue, celList, celMap, compareCelValues, equalCelValues } from './values.ts';

const fragments = fc.constantFrom(
  ...[
    'a',
    'self',
    'has',
    'all',
    'x',
    '1',
    '0x',
    '1.5',
    '2u',
    '"s"',
    "'",
    '"',
    '"""',
    "r'",
    'b',
    '\\',
    '\\u',
    '\n',
    '`',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
    ',',
    ':',
    '?',
    '!',
    '-',
    '+',
    '*',
    '/',
    '%',
    '<',
    '>',
    '=',
    '==',
    '&',
    '&&',
    '|',
  ],
  ...['||', 'in', 'true', 'null', 'for', ' ', '//', '#', '\u00e9', '\u{1f600}', '\ud800', '\u0000'],
);
const anyText = fc.oneof(
  fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

test('BI-3 any text is an expression, or an error with a place in the text', () => {
  fc.assert(
    fc.property(anyText, (source) => {
      try {
        parseExpression(source, standardMacros);
      } catch (error) {
        expect(error).toBeInstanceOf(CelError);
        for (const { offset } of (error as CelError).issues) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(source.length);
        }
      }
    }),
    atLeast(2_000),
  );
});

/** Sources that parse; what they mean is left to chance. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const e = tie('expression');
  const literals = fc.oneof(
    fc.constantFrom('true', 'false', 'null', 'self', 'items', 'n', 'x', '1.5', '0.0', '2u', "b'\\xff'", '[]', '{}'),
    fc.integer({ min: -3, max: 7 }).map(String),
    fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => JSON.stringify(text.toWellFormed())),
  );
  const infix = fc.constantFrom('+', '-', '*', '/', '%', '<', '<=', '==', '!=', 'in', '&&', '||');
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'cel' },
      literals,
      fc.tuple(e, infix, e).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(fc.constantFrom('!', '-'), e).map(([op, a]) => `(${op}(${a}))`),
      fc.tuple(e, e).map(([a, b]) => `(${a})[${b}]`),
      fc.tuple(e, e).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(e, e).map(([a, b]) => `{${a}: ${b}}`),
      fc.tuple(e, fc.constantFrom('a', 'b')).map(([a, field]) => `(${a}).${field}`),
      fc.tuple(e, fc.constantFrom('a', 'b')).map(([a, field]) => `has((${a}).${field})`),
      fc.tuple(fc.constantFrom('size', 'string', 'int', 'dyn', 'type', 'double'), e).map(([f, a]) => `${f}(${a})`),
      fc
        .tuple(e, fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter'), e)
        .map(([a, macro, b]) => `(${a}).${macro}(x, ${b})`),
    ),
  };
});

/** The shape of a tree, without ids and offsets. */
function shape(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Set) return [...value];
  if (value instanceof CelUint) return `${value.value}u`;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'id' && key !== 'offset');
  return Object.fromEntries(entries.map(([key, part]) => [key, shape(part)]));
}

test('KA-101 an expression that is printed and read again is the same', () => {
  fc.assert(
    fc.property(expression, (source) => {
      const parsed = parseExpression(source, standardMacros);
      const again = parseExpression(printExpression(parsed), standardMacros);
      expect(shape(again.root)).toEqual(shape(parsed.root));
    }),
    atLeast(500),
  );
});

const environment = createCelEnvironment({ libraries: kubernetesLibraries() });
const variables = { self: mapType(stringType, dynType), items: listType(dynType), n: intType, x: dynType };
const bindings: Record<string, CelValue> = {
  self: celMap([
    ['a', 1n],
    ['b', celList(['p', 2n, null])],
  ]),
  items: celList([3n, 'q', celMap([['a', 1.5]])]),
  n: 4n,
  x: true,
};

test('KA-101 every expression that compiles has a value, an error, or is stopped at its limit', () => {
  let evaluated = 0;
  fc.assert(
    fc.property(expression, fc.integer({ min: 0, max: 200 }), (source, costLimit) => {
      const compiled = environment.compile(source, { variables });
      if (!compiled.ok) return;
      evaluated += 1;
      expect(compiled.estimatedCost.min).toBeLessThanOrEqual(compiled.estimatedCost.max);
      try {
        expect(compiled.program.evaluate(bindings, { costLimit }).cost).toBeLessThanOrEqual(costLimit);
      } catch (error) {
        expect(error).toBeInstanceOf(CelEvaluationError);
      }
    }),
    atLeast(2_000),
  );
  expect(evaluated).toBeGreaterThan(100);
});

test('KA-101 a limit stops an evaluation exactly when it costs more', () => {
  fc.assert(
    fc.property(expression, (source) => {
      const compiled = environment.compile(source, { variables });
      if (!compiled.ok) return;
      const cost = costOf(() => compiled.program.evaluate(bindings).cost);
      if (cost === undefined || cost === 0) return;
      expect(compiled.program.evaluate(bindings, { costLimit: cost }).cost).toBe(cost);
      expect(() => compiled.program.evaluate(bindings, { costLimit: cost - 1 })).toThrow(CelCostError);
    }),
    atLeast(1_000),
  );
});

function costOf(evaluate: () => number): number | undefined {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof CelEvaluationError) return undefined;
    throw error;
  }
}

const scalar: fc.Arbitrary<CelValue> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => new CelUint(value)),
  fc.double(),
  fc.integer({ min: -3, max: 3 }),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const value: fc.Arbitrary<CelValue> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }).map((items) => celList(items)),
  fc.array(fc.tuple(fc.string({ maxLength: 1 }), scalar), { maxLength: 3 }).map((entries) => celMap(entries)),
);

test('KA-102 equality does not depend on the side, and agrees with the order', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(equalCelValues(a, b)).toBe(equalCelValues(b, a));
      const order = compareCelValues(a, b);
      const back = compareCelValues(b, a);
      expect(order === undefined ? undefined : Math.sign(order)).toBe(
        back === undefined ? undefined : 0 - Math.sign(back),
      );
      if (order !== undefined) expect(equalCelValues(a, b)).toBe(order === 0);
    }),
  );
});

test('KA-102 texts are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareCelValues(a, b) ?? Number.NaN)).toBe(bytes);
    }),
  );
});
