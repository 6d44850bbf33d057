import type { Token } from './lexer.ts';
import { bytesOf, stringOf } from './text-literal.ts';
import { CelUint, type CelValue } from './values.ts';

/** What a token of a literal stands for; undefined when it is none after all. @param sign of a number */
export function literalValue(token: Token, sign: string): CelValue | undefined {
  switch (token.kind) {
    case 'int': {
      const value = BigInt(token.text) * (sign === '' ? 1n : -1n);
      return BigInt.asIntN(64, value) === value ? value : undefined;
    }
    case 'uint': {
      const value = BigInt(token.text.slice(0, -1));
      return BigInt.asUintN(64, value) === value ? new CelUint(value) : undefined;
    }
    case 'double': {
      const value = Number(sign + token.text);
      return Number.isFinite(value) ? value : undefined;
    }
    case 'string':
      return stringOf(token.text);
    default:
      return bytesOf(token.text);
  }
}

/** What is wrong with such a token. */
export function literalProblem(token: Token): string {
  if (token.kind === 'string') return 'invalid unicode code point';
  if (token.kind === 'bytes') return 'unable to unescape string';
  return `invalid ${token.kind} literal`;
}
