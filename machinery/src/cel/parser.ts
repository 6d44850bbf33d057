import { type CallExpr, type Expr, type MapEntry, Operator, type ParsedExpression, type StructField } from './ast.ts';
import { CelError, type CelIssue } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';
import type { Macro } from './library.ts';
import { literalProblem, literalValue } from './literal.ts';
import { macroFactory } from './macro-factory.ts';
import { SyntaxProblem, TokenCursor, unplaced } from './token-cursor.ts';
import { type CelValue, codePointCount } from './values.ts';

/** The longest source that is read; more is refused. BI-3 */
const maxCodePoints = 100_000;

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);
const relations: Readonly<Record<string, string>> = {
  '<': Operator.less,
  '<=': Operator.lessEquals,
  '>': Operator.greater,
  '>=': Operator.greaterEquals,
  '==': Operator.equals,
  '!=': Operator.notEquals,
  in: Operator.in,
};
const sums: Readonly<Record<string, string>> = { '+': Operator.add, '-': Operator.subtract };
const products: Readonly<Record<string, string>> = {
  '*': Operator.multiply,
  '/': Operator.divide,
  '%': Operator.modulo,
};
/**
 * Reads an expression and expands its macros. Any text gives a tree or a CelError with a position; nothing else is
 * thrown, whatever the nesting. KA-101
 */
export function parseExpression(source: string, macros: readonly Macro[]): ParsedExpression {
  if (source.length > maxCodePoints && codePointCount(source) > maxCodePoints) {
    const size = codePointCount(source);
    throw unplaced(source, `expression code point size exceeds limit: size: ${size}, limit ${maxCodePoints}`);
  }
  const { tokens, issues } = tokenize(source);
  const parser = new Parser(source, tokens, macros);
  try {
    const root = parser.whole();
    const found = [...issues, ...parser.issues];
    if (found.length > 0) throw new CelError(source, inOrder(found));
    return { source, root, macroCalls: parser.macroCalls };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new CelError(source, inOrder([...issues, ...parser.issues, ...error.issues]));
  }
}

function inOrder(issues: readonly CelIssue[]): readonly CelIssue[] {
  return issues.toSorted((a, b) => a.offset - b.offset);
}

/** The grammar: a method a rule. */
class Parser extends TokenCursor {
  readonly macroCalls = new Map<number, CallExpr>();
  readonly #macros: ReadonlyMap<string, Macro>;

  constructor(source: string, tokens: readonly Token[], macros: readonly Macro[]) {
    super(source, tokens);
    this.#macros = new Map(macros.map((macro) => [macroKey(macro.name, macro.arity, macro.member), macro]));
  }

  whole(): Expr {
    const root = this.#expression();
    if (this.next.kind !== 'end') throw this.unexpected('<EOF>', '<EOF>');
    return root;
  }

  #expression(): Expr {
    return this.nested(() => {
      const condition = this.#or();
      const operator = this.accept('?');
      if (operator === undefined) return condition;
      const then = this.#or();
      this.expect(':');
      return this.#call(operator, Operator.conditional, [condition, then, this.#expression()]);
    });
  }

  #or(): Expr {
    return this.#logical('||', Operator.or, () => this.#and());
  }

  #and(): Expr {
    return this.#logical('&&', Operator.and, () => this.#relation());
  }

  /** Terms of the same operator make a balanced tree: the depth stays small however many there are. */
  #logical(symbol: string, name: string, term: () => Expr): Expr {
    const terms = [term()];
    const operators: Token[] = [];
    for (let operator = this.accept(symbol); operator !== undefined; operator = this.accept(symbol)) {
      operators.push(operator);
      terms.push(term());
    }
    return operators.length === 0
      ? (terms[0] as Expr)
      : this.#balanced(name, terms, operators, 0, operators.length - 1);
  }

  #balanced(name: string, terms: readonly Expr[], operators: readonly Token[], low: number, high: number): Expr {
    const middle = Math.floor((low + high + 1) / 2);
    const left = middle === low ? (terms[middle] as Expr) : this.#balanced(name, terms, operators, low, middle - 1);
    const right =
      middle === high ? (terms[middle + 1] as Expr) : this.#balanced(name, terms, operators, middle + 1, high);
    return this.#call(operators[middle] as Token, name, [left, right]);
  }

  #relation(): Expr {
    return this.#leftToRight(relations, () => this.#sum());
  }

  #sum(): Expr {
    return this.#leftToRight(sums, () => this.#product());
  }

  #product(): Expr {
    return this.#leftToRight(products, () => this.#unary());
  }

  #leftToRight(operators: Readonly<Record<string, string>>, operand: () => Expr): Expr {
    let result = operand();
    for (let count = 1; ; count += 1) {
      const token = this.next;
      const name = token.kind === 'symbol' && Object.hasOwn(operators, token.text) ? operators[token.text] : undefined;
      if (name === undefined) return result;
      this.limit(this.depth + count);
      this.position += 1;
      result = this.#call(token, name, [result, operand()]);
    }
  }

  #unary(): Expr {
    const first = this.next;
    if (first.text !== '!' && first.text !== '-') return this.#member();
    const afterSign = this.tokens[this.position + 1];
    if (first.text === '-' && (afterSign?.kind === 'int' || afterSign?.kind === 'double')) return this.#member();
    let count = 0;
    while (this.next.kind === 'symbol' && this.next.text === first.text) {
      this.position += 1;
      count += 1;
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#call(first, first.text === '!' ? Operator.not : Operator.negate, [operand]);
  }

  #member(): Expr {
    let result = this.#primary();
    for (let count = 1; ; count += 1) {
      const token = this.next;
      if (token.kind !== 'symbol' || (token.text !== '.' && token.text !== '[')) return result;
      this.limit(this.depth + count);
      this.position += 1;
      result = token.text === '.' ? this.#selection(token, result) : this.#index(token, result);
    }
  }

  #selection(dot: Token, operand: Expr): Expr {
    const optional = this.accept('?') !== undefined;
    const field = this.name(true);
    const open = optional || field.kind === 'escaped' ? undefined : this.accept('(');
    if (open !== undefined) return this.#memberCall(open, field.text, operand);
    if (field.kind === 'escaped') return this.bad(field, "unsupported syntax: '`'");
    if (!optional) return { ...this.at(dot), kind: 'select', operand, field: field.text, testOnly: false };
    const name: Expr = { ...this.at(field), kind: 'literal', value: field.text };
    return { ...this.at(dot), kind: 'call', function: Operator.optionalSelect, args: [operand, name] };
  }

  #memberCall(open: Token, name: string, target: Expr): Expr {
    const args = this.#list(')', () => this.#expression());
    return this.#expanded(open, { ...this.at(open), kind: 'call', function: name, target, args });
  }

  #index(open: Token, operand: Expr): Expr {
    const optional = this.accept('?') !== undefined;
    const index = this.#expression();
    this.expect(']');
    return this.#call(open, optional ? Operator.optionalIndex : Operator.index, [operand, index]);
  }

  #primary(): Expr {
    const token = this.next;
    switch (token.kind) {
      case 'identifier':
        return this.#named('');
      case 'int':
      case 'uint':
      case 'double':
      case 'string':
      case 'bytes':
        return this.#literal(token, token);
      case 'symbol':
        return this.#symbolic(token);
      case 'escaped':
      case 'end':
        throw this.#noStart();
    }
  }

  #symbolic(token: Token): Expr {
    switch (token.text) {
      case '(':
        return this.#parenthesised();
      case '[':
        return this.#listLiteral();
      case '{':
        return this.#mapLiteral();
      case '.':
        this.position += 1;
        if (this.next.kind !== 'identifier') this.name(false);
        return this.#named('.');
      case '-': {
        const number = this.tokens[this.position + 1];
        if (number?.kind !== 'int' && number?.kind !== 'double') break;
        this.position += 1;
        return this.#literal(number, token);
      }
      case 'true':
      case 'false':
        return this.#value(token, token.text === 'true');
      case 'null':
        return this.#value(token, null);
    }
    throw this.#noStart();
  }

  #noStart(): SyntaxProblem {
    const before = this.tokens[this.position - 1]?.text;
    const beforeThat = this.tokens[this.position - 2]?.kind;
    if (before === '(' && beforeThat === 'identifier') return this.noExpression("')'");
    return before === '[' && beforeThat === 'identifier' ? this.noExpression("'?'") : this.noExpression();
  }

  #parenthesised(): Expr {
    this.position += 1;
    const inner = this.#expression();
    this.expect(')');
    return inner;
  }

  /** A name, a call, or a message: `a`, `f(x)`, `a.b.T{c: d}`. */
  #named(dot: string): Expr {
    const struct = this.#structName();
    if (struct !== undefined) return this.#structLiteral(dot + struct);
    const token = this.name(false);
    const open = this.accept('(');
    const isReserved = reserved.has(token.text);
    if (isReserved) this.bad(token, `reserved identifier: ${token.text}`);
    if (open === undefined)
      return isReserved ? this.placeholder(token) : { ...this.at(token), kind: 'ident', name: dot + token.text };
    const args = this.#list(')', () => this.#expression());
    return this.#expanded(open, { ...this.at(open), kind: 'call', function: dot + token.text, args });
  }

  /** The name before the brace of a message, if that is what stands here; the brace is next then. */
  #structName(): string | undefined {
    let end = this.position;
    const isSymbol = (at: number, text: string) => this.tokens[at]?.kind === 'symbol' && this.tokens[at].text === text;
    while (isSymbol(end + 1, '.') && this.tokens[end + 2]?.kind === 'identifier') end += 2;
    if (!isSymbol(end + 1, '{')) return undefined;
    const parts = this.tokens.slice(this.position, end + 1);
    this.position = end + 1;
    return parts.map((token) => token.text).join('');
  }

  #structLiteral(typeName: string): Expr {
    const open = this.expect('{');
    const fields = this.#list(
      '}',
      (): StructField => {
        const optional = this.accept('?') !== undefined;
        const name = this.name(true);
        if (name.kind === 'escaped') this.bad(name, "unsupported syntax: '`'");
        const colon = this.expect(':');
        return { ...this.at(colon), name: name.text, value: this.#expression(), optional };
      },
      true,
    );
    return { ...this.at(open), kind: 'struct', typeName, fields };
  }

  #listLiteral(): Expr {
    const open = this.expect('[');
    const optionals = new Set<number>();
    let count = 0;
    const elements = this.#list(
      ']',
      () => {
        if (this.accept('?') !== undefined) optionals.add(count);
        count += 1;
        return this.#expression();
      },
      true,
    );
    return { ...this.at(open), kind: 'list', elements, optionals };
  }

  #mapLiteral(): Expr {
    const open = this.expect('{');
    const entries = this.#list(
      '}',
      (): MapEntry => {
        const optional = this.accept('?') !== undefined;
        const key = this.#expression();
        const colon = this.expect(':');
        return { ...this.at(colon), key, value: this.#expression(), optional };
      },
      true,
    );
    return { ...this.at(open), kind: 'map', entries };
  }

  /** Items up to a closing symbol. */
  #list<T>(close: string, item: () => T, trailingComma = false): T[] {
    const items: T[] = [];
    // Arguments of calls are the only list that no comma may end.
    const expected = trailingComma ? `{'${close}', ','}` : `'${close}'`;
    if (this.accept(close) !== undefined) return items;
    if (trailingComma && this.accept(',') !== undefined) {
      this.expect(close);
      return items;
    }
    for (;;) {
      items.push(item());
      if (this.accept(',') === undefined) break;
      if (!trailingComma) continue;
      if (this.accept(close) !== undefined) return items;
      if (this.next.text === ',') throw this.unexpected(`'${close}'`);
    }
    if (this.accept(close) === undefined) throw this.unexpected(expected, close);
    return items;
  }

  #literal(token: Token, start: Token): Expr {
    const value = literalValue(token, start.text === '-' ? '-' : '');
    this.position += 1;
    if (value === undefined) return this.bad(start, literalProblem(token));
    return { ...this.at(start), kind: 'literal', value };
  }

  #value(token: Token, value: CelValue): Expr {
    this.position += 1;
    return { ...this.at(token), kind: 'literal', value };
  }

  #call(token: Token, name: string, args: readonly Expr[]): Expr {
    return { ...this.at(token), kind: 'call', function: name, args };
  }

  #expanded(token: Token, call: CallExpr): Expr {
    const macro = this.#macroFor(call);
    const make = macroFactory(this.source, token.offset, () => this.id());
    try {
      const expanded = macro?.expand(make, call.target, call.args);
      if (expanded === undefined) return call;
      this.macroCalls.set(expanded.id, call);
      return expanded;
    } catch (error) {
      if (!(error instanceof CelError) || error instanceof SyntaxProblem) throw error;
      this.issues.push(...error.issues);
      return this.placeholder(token);
    }
  }

  #macroFor(call: CallExpr): Macro | undefined {
    const member = call.target !== undefined;
    return (
      this.#macros.get(macroKey(call.function, call.args.length, member)) ??
      this.#macros.get(macroKey(call.function, 'any', member))
    );
  }
}

function macroKey(name: string, arity: number | 'any', member: boolean): string {
  return `${name}/${arity}/${member}`;
}
