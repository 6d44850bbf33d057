import type { Expr } from './ast.ts';
import { CelError, type CelIssue, issueAt } from './errors.ts';
import type { Token } from './lexer.ts';

/** Deepest nesting that is read; more is refused. BI-3 */
const maxDepth = 250;
/** Most nodes of a tree: macros may copy their operands, and copies of copies grow without end. BI-3 */
const maxNodes = 250_000;

/** What an expression may begin with, as messages list it; optional where only some places have it. */
const starts: readonly { readonly text: string; readonly optional?: true }[] = [
  { text: "'['" },
  { text: "'{'" },
  { text: "'('" },
  { text: "')'", optional: true },
  { text: "'.'" },
  { text: "'-'" },
  { text: "'!'" },
  { text: "'?'", optional: true },
  ...["'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'].map(
    (text) => ({
      text,
    }),
  ),
];
const startSymbols: ReadonlySet<string> = new Set(['[', '{', '(', '.', '-', '!', 'true', 'false', 'null']);

function canStart(token: Token): boolean {
  if (token.kind === 'symbol') return startSymbols.has(token.text);
  return token.kind !== 'end' && token.kind !== 'escaped';
}

/** What ends a parse: after it nothing in the source can be trusted. */
export class SyntaxProblem extends CelError {}

/** A problem of the whole, which has no place in the source. */
export function unplaced(source: string, message: string): SyntaxProblem {
  return new SyntaxProblem(source, [{ message, offset: 0, line: -1, column: -1 }]);
}

/** The state of one parse: where it stands, how deep it is, what ids are given out, what is wrong so far. */
export class TokenCursor {
  /** What is wrong with the parts, while the whole can still be read. */
  readonly issues: CelIssue[] = [];
  protected readonly source: string;
  protected readonly tokens: readonly Token[];
  protected position = 0;
  protected depth = 0;
  #lastId = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.source = source;
    this.tokens = tokens;
  }

  protected get next(): Token {
    return this.tokens[this.position] as Token;
  }

  /** Notes a problem, and stands something in its place so that the rest can be read. */
  protected bad(token: Token, message: string): Expr {
    this.issues.push(issueAt(this.source, token.offset, message));
    return this.placeholder(token);
  }

  protected placeholder(token: Token): Expr {
    return { ...this.at(token), kind: 'literal', value: null };
  }

  protected nested<T>(parse: () => T): T {
    this.depth += 1;
    this.limit(this.depth);
    const result = parse();
    this.depth -= 1;
    return result;
  }

  protected limit(depth: number): void {
    if (depth > maxDepth) throw unplaced(this.source, `expression recursion limit exceeded: ${maxDepth}`);
  }

  protected at(token: Token): { id: number; offset: number } {
    return { id: this.id(), offset: token.offset };
  }

  protected id(): number {
    this.#lastId += 1;
    if (this.#lastId > maxNodes) throw unplaced(this.source, `expression node limit exceeded: ${maxNodes}`);
    return this.#lastId;
  }

  /** A name; with `escapes` also one in backquotes, which the caller refuses in better words. */
  protected name(escapes: boolean): Token {
    const token = this.next;
    if (token.kind !== 'identifier' && !(escapes && token.kind === 'escaped')) throw this.#noName(token);
    this.position += 1;
    return token;
  }

  #noName(token: Token): SyntaxProblem {
    const before = this.tokens[this.position - 1]?.text;
    if (before === '?') return this.unexpected('{IDENTIFIER, ESC_IDENTIFIER}');
    const isWord = ['true', 'false', 'null'].includes(token.text);
    if (before !== '.' || isWord) return this.unexpected('IDENTIFIER');
    const text = token.kind === 'end' ? '' : token.text;
    return this.syntax(token, `no viable alternative at input '.${text}'`);
  }

  protected accept(symbol: string): Token | undefined {
    const token = this.next;
    if (token.kind !== 'symbol' || token.text !== symbol) return undefined;
    this.position += 1;
    return token;
  }

  protected expect(symbol: string): Token {
    const token = this.accept(symbol);
    if (token === undefined) throw this.unexpected(`'${symbol}'`, symbol);
    return token;
  }

  /**
   * @param expected in the words of a message
   * @param symbol what would stand here instead, when it is one: tells a token too many from a token that is missing
   */
  protected unexpected(expected: string, symbol?: string): SyntaxProblem {
    const token = this.next;
    const after = this.tokens[this.position + 1] ?? token;
    const surplus = symbol === '<EOF>' ? after.kind === 'end' && token.kind !== 'end' : after.text === symbol;
    if (surplus) return this.syntax(token, `extraneous input '${token.text}' expecting ${expected}`);
    const closes = symbol === ')' || expected === "']'";
    const isMissing = closes ? token.kind === 'end' : symbol === ':' && canStart(token);
    const what = isMissing
      ? `missing ${expected} at '${token.text}'`
      : `mismatched input '${token.text}' expecting ${expected}`;
    return this.syntax(token, what);
  }

  /** @param others what might stand here as well, in the order of a message */
  protected noExpression(...others: string[]): SyntaxProblem {
    const token = this.next;
    const after = this.tokens[this.position + 1];
    const isSurplus = after !== undefined && canStart(after) && !canStart(token);
    const all = starts.filter((start) => start.optional !== true || others.includes(start.text));
    const expected = all.map((start) => start.text).join(', ');
    return this.syntax(
      token,
      `${isSurplus ? 'extraneous' : 'mismatched'} input '${token.text}' expecting {${expected}}`,
    );
  }

  protected syntax(token: Token, message: string): SyntaxProblem {
    // Of a source that is empty there is no character to point at.
    const issue = issueAt(this.source, token.offset, `Syntax error: ${message}`);
    return new SyntaxProblem(this.source, [this.source === '' ? { ...issue, column: -1 } : issue]);
  }
}
