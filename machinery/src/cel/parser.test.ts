import { describe, expect, test } from 'vitest';
import type { Expr } from './ast.ts';
import { CelError } from './errors.ts';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import { standardMacros } from './macros.ts';
import { parseExpression } from './parser.ts';
import { printExpression } from './testdata/print-expression.ts';

/** What may begin an expression, as messages list it. */
const anyStart =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function problems(source: string): string[] {
  try {
    parseExpression(source, standardMacros);
    return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return error.issues.map(({ line, column, message }) => `${line}:${column + 1}: ${message}`);
  }
}

// Recorded from Kubernetes 1.35.
test.each<[string, string[]]>([
  ['[1', ["1:3: Syntax error: mismatched input '<EOF>' expecting {']', ','}"]],
  ['[1, 2', ["1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"]],
  ['{1: 2', ["1:6: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"]],
  ['f(1', ["1:4: Syntax error: missing ')' at '<EOF>'"]],
  ['f(1 2)', ["1:5: Syntax error: extraneous input '2' expecting ')'"]],
  ['[1 2]', ["1:4: Syntax error: extraneous input '2' expecting {']', ','}"]],
  ['{1 2}', ["1:4: Syntax error: missing ':' at '2'"]],
  ['{1: 2 3: 4}', ["1:7: Syntax error: mismatched input '3' expecting {'}', ','}"]],
  ['T{a: 1', ["1:7: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"]],
  ['T{a 1}', ["1:5: Syntax error: missing ':' at '1'"]],
  ['a[1', ["1:4: Syntax error: missing ']' at '<EOF>'"]],
  [
    'a[',
    [
      "1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  [
    'a[]',
    [
      "1:3: Syntax error: mismatched input ']' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['(1 + 2', ["1:7: Syntax error: missing ')' at '<EOF>'"]],
  ['(1 2)', ["1:4: Syntax error: extraneous input '2' expecting ')'"]],
  ['a.b.', ["1:5: Syntax error: no viable alternative at input '.'"]],
  ['a.b.1', ["1:4: Syntax error: extraneous input '.1' expecting <EOF>"]],
  ['a.()', ["1:3: Syntax error: no viable alternative at input '.('"]],
  ['.', ["1:2: Syntax error: no viable alternative at input '.'"]],
  ['..a', ["1:2: Syntax error: no viable alternative at input '..'"]],
  ['a ? b c', ["1:7: Syntax error: missing ':' at 'c'"]],
  ['a ?', [`1:4: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`]],
  ['1 ? 2 : 3 : 4', ["1:11: Syntax error: mismatched input ':' expecting <EOF>"]],
  ['1 + + 2', [`1:5: Syntax error: extraneous input '+' expecting ${anyStart}`]],
  ['1 * / 2', [`1:5: Syntax error: extraneous input '/' expecting ${anyStart}`]],
  ['a in', [`1:5: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`]],
  ['in a', [`1:1: Syntax error: extraneous input 'in' expecting ${anyStart}`]],
  ['a && ', [`1:6: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`]],
  ['&& a', [`1:1: Syntax error: extraneous input '&&' expecting ${anyStart}`]],
  ['a || || b', [`1:6: Syntax error: extraneous input '||' expecting ${anyStart}`]],
  [
    'a | b',
    ["1:3: Syntax error: token recognition error at: '| '", "1:5: Syntax error: extraneous input 'b' expecting <EOF>"],
  ],
  [
    'a & b',
    ["1:3: Syntax error: token recognition error at: '& '", "1:5: Syntax error: extraneous input 'b' expecting <EOF>"],
  ],
  ['a == == b', [`1:6: Syntax error: extraneous input '==' expecting ${anyStart}`]],
  [',', [`1:1: Syntax error: mismatched input ',' expecting ${anyStart}`]],
  ['a,b', ["1:2: Syntax error: mismatched input ',' expecting <EOF>"]],
  ['f(1,,2)', [`1:5: Syntax error: extraneous input ',' expecting ${anyStart}`]],
  ['[,1]', ["1:3: Syntax error: extraneous input '1' expecting ']'"]],
  ['{,1:2}', ["1:3: Syntax error: mismatched input '1' expecting '}'"]],
  ['{1:2,,3:4}', ["1:6: Syntax error: mismatched input ',' expecting '}'"]],
  ["'a' 'b'", ["1:5: Syntax error: extraneous input ''b'' expecting <EOF>"]],
  [
    '"abc',
    [
      "1:1: Syntax error: token recognition error at: '\"abc'",
      `1:5: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`,
    ],
  ],
  ["r'abc", ["1:2: Syntax error: token recognition error at: ''abc'"]],
  ["b'abc", ["1:2: Syntax error: token recognition error at: ''abc'"]],
  ["'''abc", ["1:3: Syntax error: token recognition error at: ''abc'"]],
  ['// comment', [`1:11: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`]],
  ['1..2', ["1:3: Syntax error: no viable alternative at input '..2'"]],
  ['0x', ["1:2: Syntax error: extraneous input 'x' expecting <EOF>"]],
  ['0xG', ["1:2: Syntax error: extraneous input 'xG' expecting <EOF>"]],
  ['1u2', ["1:3: Syntax error: extraneous input '2' expecting <EOF>"]],
  ['1.5.5', ["1:4: Syntax error: extraneous input '.5' expecting <EOF>"]],
  ['$x', ["1:1: Syntax error: token recognition error at: '$'"]],
  [
    'a@b',
    ["1:2: Syntax error: token recognition error at: '@'", "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ],
  [
    'a;b',
    ["1:2: Syntax error: token recognition error at: ';'", "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ],
  [
    "'\\'",
    [
      "1:1: Syntax error: token recognition error at: ''\\''",
      `1:4: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`,
    ],
  ],
  [
    'a\\b',
    ["1:2: Syntax error: token recognition error at: '\\'", "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ],
  ['`a`', [`1:1: Syntax error: mismatched input '\`a\`' expecting ${anyStart}`]],
  ['null()', ["1:5: Syntax error: mismatched input '(' expecting <EOF>"]],
  ['a.true', ["1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER"]],
  ['a.null.b', ["1:3: Syntax error: mismatched input 'null' expecting IDENTIFIER"]],
  ['[true false]', ["1:7: Syntax error: extraneous input 'false' expecting {']', ','}"]],
  ['f(a=b)', ["1:4: Syntax error: token recognition error at: '=b'"]],
  [
    'x => y',
    ["1:3: Syntax error: token recognition error at: '=>'", "1:6: Syntax error: extraneous input 'y' expecting <EOF>"],
  ],
  ['a.b(c)(d)', ["1:7: Syntax error: mismatched input '(' expecting <EOF>"]],
  ['f()()', ["1:4: Syntax error: mismatched input '(' expecting <EOF>"]],
  ['((a)', ["1:5: Syntax error: missing ')' at '<EOF>'"]],
  ['(a))', ["1:4: Syntax error: extraneous input ')' expecting <EOF>"]],
  ['[]]', ["1:3: Syntax error: extraneous input ']' expecting <EOF>"]],
  ['{}}', ["1:3: Syntax error: extraneous input '}' expecting <EOF>"]],
  ['1)', ["1:2: Syntax error: extraneous input ')' expecting <EOF>"]],
  ['x in [1,2', ["1:10: Syntax error: mismatched input '<EOF>' expecting {']', ','}"]],
  ["self.foo == 'bar' && (self.x", ["1:29: Syntax error: missing ')' at '<EOF>'"]],
  ['self.all(x, x > )', [`1:17: Syntax error: mismatched input ')' expecting ${anyStart}`]],
  [
    'has(',
    [
      "1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
  ],
  ['has(a)', ['1:5: invalid argument to has() macro']],
  ['has(a.b.)', ["1:9: Syntax error: no viable alternative at input '.)'"]],
  ['\ta +\tb c', ["1:8: Syntax error: extraneous input 'c' expecting <EOF>"]],
  [
    'é + 1',
    [
      "1:1: Syntax error: token recognition error at: 'é'",
      `1:3: Syntax error: extraneous input '+' expecting ${anyStart}`,
    ],
  ],
  ["'é' + + 1", [`1:7: Syntax error: extraneous input '+' expecting ${anyStart}`]],
  [
    '😀',
    [
      "1:1: Syntax error: token recognition error at: '😀'",
      `1:2: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`,
    ],
  ],
  ['1 +', [`1:4: Syntax error: mismatched input '<EOF>' expecting ${anyStart}`]],
  ['a.b c.d', ["1:5: Syntax error: mismatched input 'c' expecting <EOF>"]],
  ['1 2', ["1:3: Syntax error: extraneous input '2' expecting <EOF>"]],
  ['true false null', ["1:6: Syntax error: mismatched input 'false' expecting <EOF>"]],
])('KA-101 the parser says what Kubernetes says about %j', (source, wanted) => {
  expect(problems(source)).toEqual(wanted);
});

test('KA-101 an error shows the line and points at the place, in code points', () => {
  const source = "self.all(x,\n  '\u00e9\u4e2d' + + x)";
  expect(() => parseExpression(source, standardMacros)).toThrow(
    new CelError(source, [
      {
        message: `Syntax error: extraneous input '+' expecting ${anyStart}`,
        offset: source.lastIndexOf('+'),
        line: 2,
        column: 9,
      },
    ]),
  );
  expect(String(problems('a b'))).toBe("1:3: Syntax error: extraneous input 'b' expecting <EOF>");
  const shown = new CelError(source, [{ message: 'here', offset: 0, line: 2, column: 9 }]).message;
  expect(shown).toBe("ERROR: <input>:2:10: here\n |   '\u00e9\u4e2d' + + x)\n | ...\uff0e\uff0e....^");
});

describe('limits', () => {
  test.each([
    ['parentheses', `${'('.repeat(251)}1${')'.repeat(251)}`],
    ['lists', `${'['.repeat(251)}${']'.repeat(251)}`],
    ['a sum', Array(260).fill('1').join(' + ')],
    ['selections', `a${'.b'.repeat(260)}`],
    ['choices', 'a ? b : '.repeat(260).concat('c')],
  ])('BI-3 too deep a nesting of %s is refused', (_name, source) => {
    expect(problems(source)).toEqual(['-1:0: expression recursion limit exceeded: 250']);
  });

  test.each([
    ['parentheses', `${'('.repeat(200)}1${')'.repeat(200)}`],
    ['signs', `${'!'.repeat(5_001)}a`],
    ['conjunctions', Array(5_000).fill('a').join(' && ')],
  ])('BI-3 many %s are read', (_name, source) => {
    expect(problems(source)).toEqual([]);
  });

  test('BI-3 copies of copies that macros make come to an end', () => {
    const source = `optional.of(1)${'.optMap(x, x)'.repeat(40)}`;
    expect(kubernetesCelEnvironment().compile(source, { variables: {} })).toMatchObject({
      ok: false,
      problem: 'compilation failed: ERROR: <input>:-1:0: expression node limit exceeded: 250000',
    });
  });

  test('BI-3 a source of more than 100,000 code points is refused', () => {
    expect(problems(`'${'\u{1f600}'.repeat(99_998)}'`)).toEqual([]);
    expect(problems('1'.repeat(100_001))).toEqual([
      '-1:0: expression code point size exceeds limit: size: 100001, limit 100000',
    ]);
  });
});

test.each([
  ['a + b * c - d', '((a + (b * c)) - d)'],
  ['a || b || c || d', '((a || b) || (c || d))'],
  ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
  ['!!a && ---b < 1', '(a && ((-(b)) < 1))'],
  ['a.b[c].d(e)', 'a.b[c].d(e)'],
  ['a.?b[?c]', 'a.?b[?c]'],
  ["{?'a': b, c: [?d, e,],}", '{?"a": b, c: [?d, e]}'],
  ['a.b.T{?c: 1, d: 2}', 'a.b.T{?c: 1, d: 2}'],
  ['.a.b(.c())', '.a.b(.c())'],
  ["r'\\d' + '''a'\nb''' + \"\\x41\\u00e9\\101\"", '(("\\\\d" + "a\'\\nb") + "A\u00e9A")'],
  ["b'\\xff' + b'\u00e9'", '(b"\\xff" + b"\\xc3\\xa9")'],
  ['-9223372036854775808 + 0x1F - 0xFFu', '((-9223372036854775808 + 31) - 255u)'],
  ['1.5e3 + .5 // the rest', '(1500.0 + 0.5)'],
  ['has(a.b) && c.all(x, x > 1)', '(has(a.b) && c.all(x, (x > 1)))'],
])('KA-101 %j is read as %j', (source, wanted) => {
  expect(printExpression(parseExpression(source, standardMacros))).toBe(wanted);
});

test('KA-101 ids are unique, and offsets are those of the operators', () => {
  const { root } = parseExpression('self.a[0].exists(x, x.b == 1 && has(x.c))', standardMacros);
  const ids: number[] = [];
  const visit = (expr: Expr): void => {
    ids.push(expr.id);
    for (const part of partsOf(expr)) visit(part);
  };
  visit(root);
  expect(new Set(ids).size).toBe(ids.length);
  expect(root.offset).toBe('self.a[0].exists'.length);
});

function partsOf(expr: Expr): readonly Expr[] {
  if (expr.kind === 'comprehension') return [expr.range, expr.initial, expr.condition, expr.step, expr.result];
  if (expr.kind === 'select') return [expr.operand];
  return expr.kind === 'call' ? [...(expr.target === undefined ? [] : [expr.target]), ...expr.args] : [];
}
