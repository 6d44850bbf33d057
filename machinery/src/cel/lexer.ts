import { type CelIssue, issueAt } from './errors.ts';

export type TokenKind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'identifier' | 'escaped' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the source; `<EOF>` at the end. */
  readonly text: string;
  /** UTF-16 offset into the source. */
  readonly offset: number;
}

/** Words that are symbols of the grammar and never names. */
const words: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

const space = /(?:[\t\n\f\r ]|\/\/[^\n]*)+/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const escapedName = /`[A-Za-z0-9_.\-/ ]+`/y;
const double = /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y;
const uint = /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]/y;
const int = /0x[0-9a-fA-F]+|[0-9]+/y;
const symbol = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;

const escaped = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
// The longest form first: three quotes open a text that may have line breaks.
const text = new RegExp(
  [
    String.raw`[rR]"""[\s\S]*?"""`,
    String.raw`[rR]'''[\s\S]*?'''`,
    String.raw`[rR]"[^"\n\r]*"`,
    String.raw`[rR]'[^'\n\r]*'`,
    String.raw`"""(?:${escaped}|[^\\])*?"""`,
    String.raw`'''(?:${escaped}|[^\\])*?'''`,
    String.raw`"(?:${escaped}|[^\\"\n\r])*"`,
    String.raw`'(?:${escaped}|[^\\'\n\r])*'`,
  ].join('|'),
  'y',
);

/** Cuts a source into tokens. What is no token is reported and left out. */
export function tokenize(source: string): { tokens: readonly Token[]; issues: readonly CelIssue[] } {
  const tokens: Token[] = [];
  const issues: CelIssue[] = [];
  let offset = skip(source, 0);
  while (offset < source.length) {
    const token = tokenAt(source, offset);
    if (token === undefined) {
      const bad = unknownText(source, offset);
      issues.push(issueAt(source, offset, `Syntax error: token recognition error at: '${printable(bad)}'`));
      offset = skip(source, offset + bad.length);
    } else {
      tokens.push(token);
      offset = skip(source, offset + token.text.length);
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset: source.length });
  return { tokens, issues };
}

function tokenAt(source: string, offset: number): Token | undefined {
  const bytes = /[bB]/.test(source[offset] ?? '') ? match(text, source, offset + 1) : undefined;
  if (bytes !== undefined) return { kind: 'bytes', text: source.slice(offset, offset + 1 + bytes.length), offset };
  for (const [kind, pattern] of patterns) {
    const found = match(pattern, source, offset);
    if (found === undefined) continue;
    return { kind: kind === 'identifier' && words.has(found) ? 'symbol' : kind, text: found, offset };
  }
  return undefined;
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', text],
  ['identifier', name],
  ['double', double],
  ['uint', uint],
  ['int', int],
  ['symbol', symbol],
  ['escaped', escapedName],
];

function match(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0];
}

function skip(source: string, offset: number): number {
  return offset + (match(space, source, offset)?.length ?? 0);
}

/** A text that does not end is unknown up to the end of its line; else one character is. */
function unknownText(source: string, offset: number): string {
  const quoted = /(?:[bB]?[rR]?)("|')/y;
  quoted.lastIndex = offset;
  const found = quoted.exec(source);
  if (found === null) {
    const bad = String.fromCodePoint(source.codePointAt(offset) ?? 0);
    // Half an operator is read together with what stands where its other half should.
    return '&|='.includes(bad) ? source.slice(offset, offset + 2) : bad;
  }
  const start = offset + found[0].length;
  const raw = /[rR]/.test(found[0]);
  let end = start;
  while (end < source.length && source[end] !== '\n' && source[end] !== '\r') {
    if (source[end] === '\\' && !raw && match(new RegExp(escaped, 'y'), source, end) === undefined) {
      return source.slice(offset, end + 2);
    }
    end += source[end] === '\\' && !raw ? 2 : 1;
  }
  return source.slice(offset, end);
}

function printable(bad: string): string {
  return bad.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
