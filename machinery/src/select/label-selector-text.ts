import { type Token, tokenize } from './label-lexer.ts';
import { type Requirement, requirement, type SelectorOperator } from './requirement.ts';
import { SelectorError } from './selector-error.ts';

/**
 * Parses the text form of a label selector: `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k`, `!k`, `k>5`,
 * `k<5`, joined by commas. Empty text has no requirements and so matches everything. Requirements keep their order. KA-81
 * @throws SelectorError with the position
 */
export function parseLabelSelector(text: string): Requirement[] {
  const reader = new TokenReader(tokenize(text));
  const requirements: Requirement[] = [];
  if (reader.peek().kind === 'end') return requirements;
  for (;;) {
    requirements.push(readRequirement(reader));
    const next = reader.next();
    if (next.kind === 'end') return requirements;
    if (next.text !== ',') throw unexpected(next, '"," or the end');
  }
}

class TokenReader {
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#index] as Token;
  }

  /** The end token repeats for ever. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  /** Consumes the operator when it is next. */
  accept(operator: string): boolean {
    const found = this.peek();
    if (found.kind !== 'operator' || found.text !== operator) return false;
    this.#index++;
    return true;
  }
}

function readRequirement(reader: TokenReader): Requirement {
  const negated = reader.accept('!');
  const key = reader.next();
  if (key.kind !== 'word') throw unexpected(key, negated ? 'a label key' : '"!" or a label key');
  if (negated) return requirement(key.text, '!', [], key.position);
  const following = reader.peek();
  if (following.kind === 'end' || following.text === ',') return requirement(key.text, 'exists', [], key.position);
  const operator = operatorOf(reader.next());
  const values = operator === 'in' || operator === 'notin' ? readSet(reader) : [readValue(reader)];
  return requirement(key.text, operator, values, key.position);
}

function operatorOf(token: Token): SelectorOperator {
  switch (token.text) {
    case '=':
    case '==':
      return '=';
    case '!=':
    case '>':
    case '<':
    case 'in':
    case 'notin':
      return token.text;
    default:
      throw unexpected(token, 'one of =, ==, !=, in, notin, >, <');
  }
}

/** A single value; nothing there means the empty one, as in `k=`. */
function readValue(reader: TokenReader): string {
  const token = reader.peek();
  if (token.kind === 'word') return reader.next().text;
  if (token.kind === 'end' || token.text === ',') return '';
  throw unexpected(token, 'a value');
}

function readSet(reader: TokenReader): string[] {
  if (!reader.accept('(')) throw unexpected(reader.peek(), '"("');
  const values: string[] = [];
  if (reader.accept(')')) return values;
  for (;;) {
    // `(a,)` and `(,a)` hold the empty value, as in Kubernetes.
    const token = reader.peek();
    values.push(token.kind === 'word' ? reader.next().text : '');
    if (reader.accept(')')) return values;
    if (!reader.accept(',')) throw unexpected(reader.peek(), '"," or ")"');
  }
}

function unexpected(token: Token, expected: string): SelectorError {
  const found = token.kind === 'end' ? 'the end' : JSON.stringify(token.text);
  return new SelectorError(
    `unable to parse label selector: found ${found} at ${token.position}, expected ${expected}`,
    token.position,
  );
}
