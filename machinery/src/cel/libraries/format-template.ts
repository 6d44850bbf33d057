import { goQuote } from '../../schema/go-text.ts';
import { CelEvaluationError } from '../errors.ts';
import {
  asBinary,
  asDecimal,
  asFixed,
  asHex,
  asOctal,
  asScientific,
  asString,
  asUpperHex,
  type Clause,
  type ClauseRule,
  clauseRules,
} from './format-values.ts';

/** One `%` clause: how it prints a value, and what it takes. */
export interface TemplateClause {
  readonly print: Clause;
  readonly rule: ClauseRule;
}

/** What to do with a clause; whatever it throws goes on with `error during formatting: ` before it. */
type Visit = (clause: TemplateClause, index: number) => string;

/**
 * Walks over a format string and puts together its text and what `visit` makes of each clause.
 * @param count of arguments
 * @throws CelEvaluationError for a bad clause, or one that has no argument
 */
export function renderTemplate(template: string, count: number, visit: Visit): string {
  let out = '';
  let index = 0;
  let rest = template;
  for (let percent = rest.indexOf('%'); percent >= 0; percent = rest.indexOf('%')) {
    out += rest.slice(0, percent);
    rest = rest.slice(percent + 1);
    if (rest.startsWith('%')) {
      out += '%';
      rest = rest.slice(1);
      continue;
    }
    if (index >= count) throw new CelEvaluationError(`index ${index} out of range`);
    if (rest === '') throw new CelEvaluationError('unexpected end of string');
    const { clause, length } = readClause(rest);
    out += during(() => visit(clause, index));
    rest = rest.slice(length);
    index += 1;
  }
  return out + rest;
}

const plainClauses: Readonly<Record<string, TemplateClause>> = {
  s: { print: asString, rule: clauseRules.string },
  d: { print: asDecimal, rule: clauseRules.decimal },
  b: { print: asBinary, rule: clauseRules.binary },
  x: { print: asHex, rule: clauseRules.hex },
  X: { print: asUpperHex, rule: clauseRules.hex },
  o: { print: asOctal, rule: clauseRules.octal },
};

function readClause(text: string): { clause: TemplateClause; length: number } {
  const { precision, length } = readPrecision(text);
  const verb = text[length] ?? '';
  const clause = clauseOf(verb, precision);
  if (clause === undefined) throw unreadable(`unrecognized formatting clause "${firstByte(text.slice(length))}"`);
  return { clause, length: length + 1 };
}

function clauseOf(verb: string, precision: number | undefined): TemplateClause | undefined {
  if (verb === 'f') return { print: asFixed(precision), rule: clauseRules.fixed };
  if (verb === 'e') return { print: asScientific(precision), rule: clauseRules.scientific };
  return Object.hasOwn(plainClauses, verb) ? plainClauses[verb] : undefined;
}

function readPrecision(text: string): { precision?: number; length: number } {
  const found = /^\.([0-9]*)/.exec(text);
  if (found === null) return { length: 0 };
  const [all, digits = ''] = found;
  const failed = (problem: string) => unreadable(`error while parsing precision: ${problem}`);
  if (all.length === text.length) throw failed('could not find end of precision specifier');
  const atoi = (problem: string) =>
    failed(`error while converting precision to integer: strconv.Atoi: parsing ${goQuote(digits)}: ${problem}`);
  if (digits === '') throw atoi('invalid syntax');
  if (BigInt(digits) >= 1n << 63n) throw atoi('value out of range');
  // Only the low bits of it count.
  return { precision: Number(BigInt.asUintN(16, BigInt(digits))), length: all.length };
}

/** Kubernetes shows the first byte of a character, as if it were one. */
function firstByte(text: string): string {
  return String.fromCharCode(Buffer.from(text.slice(0, 2), 'utf8')[0] ?? 0);
}

function unreadable(problem: string): CelEvaluationError {
  return new CelEvaluationError(`could not parse formatting clause: ${problem}`);
}

function during(visit: () => string): string {
  try {
    return visit();
  } catch (error) {
    if (error instanceof CelEvaluationError) {
      throw new CelEvaluationError(`error during formatting: ${error.message}`);
    }
    throw error;
  }
}
