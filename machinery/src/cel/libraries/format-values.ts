import { goQuote } from '../../schema/go-text.ts';
import { CelEvaluationError } from '../errors.ts';
import { formatDouble, formatPlainDouble } from '../go-number.ts';
import { formatDuration, formatTimestamp } from '../time.ts';
import { typeOfValue } from '../type-of-value.ts';
import { type CelType, typeName } from '../types.ts';
import {
  CelDuration,
  CelList,
  CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  compareCelValues,
} from '../values.ts';
import { fixedDigits, scientificDigits } from './exact-decimal.ts';

/** What one clause of a format string makes of a value. Throws CelEvaluationError for values it does not take. */
export type Clause = (value: CelValue) => string;

/** The types that a clause takes, for the checker, and its complaint about all others. */
export interface ClauseRule {
  readonly kinds: ReadonlySet<CelType['kind']>;
  readonly complaint: string;
}

const kinds = (...names: CelType['kind'][]): ReadonlySet<CelType['kind']> => new Set(names);

export const clauseRules = {
  string: {
    kinds: kinds(
      'list',
      'map',
      'int',
      'uint',
      'double',
      'bool',
      'string',
      'timestamp',
      'bytes',
      'duration',
      'type',
      'null',
    ),
    complaint:
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  decimal: { kinds: kinds('int', 'uint'), complaint: 'decimal clause can only be used on integers' },
  // Strings are checked when they are seen: `NaN`, `Infinity` and `-Infinity` are fine.
  fixed: { kinds: kinds('double', 'string'), complaint: 'fixed-point clause can only be used on doubles' },
  scientific: { kinds: kinds('double', 'string'), complaint: 'scientific clause can only be used on doubles' },
  binary: { kinds: kinds('int', 'uint', 'bool'), complaint: 'only integers and bools can be formatted as binary' },
  hex: {
    kinds: kinds('int', 'uint', 'string', 'bytes'),
    complaint: 'only integers, byte buffers, and strings can be formatted as hex',
  },
  octal: { kinds: kinds('int', 'uint'), complaint: 'octal clause can only be used on integers' },
} as const satisfies Record<string, ClauseRule>;

/** The text of a complaint. */
export function complaintAbout(rule: ClauseRule, type: CelType): string {
  return `${rule.complaint}, was given ${typeName(type)}`;
}

function refuse(rule: ClauseRule, value: CelValue): CelEvaluationError {
  return new CelEvaluationError(complaintAbout(rule, typeOfValue(value)));
}

/** `%s` */
export const asString: Clause = (value) => {
  if (typeof value === 'number') return formatDouble(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  return plainText(value) ?? refusal(clauseRules.string, value);
};

/** `%d` */
export const asDecimal: Clause = (value) => String(integerOf(value) ?? refusal(clauseRules.decimal, value));

/** `%b` */
export const asBinary: Clause = (value) => {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return (integerOf(value) ?? refusal(clauseRules.binary, value)).toString(2);
};

/** `%o` */
export const asOctal: Clause = (value) => (integerOf(value) ?? refusal(clauseRules.octal, value)).toString(8);

/** `%x` */
export const asHex: Clause = (value) => {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return (integerOf(value) ?? refusal(clauseRules.hex, value)).toString(16);
};

/** `%X` */
export const asUpperHex: Clause = (value) => asHex(value).toUpperCase();

const defaultPrecision = 6;

/**
 * `%f`: in English, with commas between thousands. Of a precision Kubernetes keeps the low 8 bits as the least number of
 * digits and the low 16, with a sign, as the most; below zero means as many as tell the value from others.
 */
export function asFixed(precision: number | undefined): Clause {
  const most = ((precision ?? defaultPrecision) << 16) >> 16;
  const least = (precision ?? defaultPrecision) & 0xff;
  return (value) => {
    const double = doubleOf(value, clauseRules.fixed);
    if (!Number.isFinite(double)) return special(double);
    const { whole, fraction } = most < 0 ? shortestDigits(double) : fixedDigits(double, Math.min(most, mostDigits));
    const shown = fraction.slice(0, least).padEnd(least, '0') + fraction.slice(least).replace(/0+$/, '');
    return `${signOf(double)}${withCommas(whole)}${shown === '' ? '' : `.${shown}`}`;
  };
}

/** No double has more digits after the point. */
const mostDigits = 1074;

function shortestDigits(value: number): { whole: string; fraction: string } {
  const [whole = '0', fraction = ''] = formatPlainDouble(Math.abs(value)).split('.');
  return { whole, fraction };
}

/** `%e`: six digits whatever the precision, which Kubernetes takes (16 bits of it) for the least width. */
export function asScientific(precision: number | undefined): Clause {
  const width = (precision ?? defaultPrecision) & 0xffff;
  return (value) => {
    const double = doubleOf(value, clauseRules.scientific);
    const text = Number.isFinite(double) ? scientific(double) : special(double);
    return ' '.repeat(Math.max(0, width - [...text].length)) + text;
  };
}

function scientific(value: number): string {
  const { whole, fraction, exponent } = scientificDigits(value, defaultPrecision);
  const raised = String(Math.abs(exponent)).padStart(2, '0').replace(/[0-9]/g, superscript);
  return `${signOf(value)}${whole}.${fraction}×10${exponent < 0 ? '⁻' : ''}${raised}`;
}

const superscript = (digit: string) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '';

// Negative zero has no sign here, but what rounds to zero has.
const signOf = (value: number) => (value < 0 ? '-' : '');

const withCommas = (digits: string) => digits.replace(/[0-9](?=(?:[0-9]{3})+$)/g, '$&,');

function special(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-∞' : '∞';
}

const namedDoubles: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function doubleOf(value: CelValue, rule: ClauseRule): number {
  if (typeof value === 'number') return value;
  const named = typeof value === 'string' && Object.hasOwn(namedDoubles, value) ? namedDoubles[value] : undefined;
  return named ?? refusal(rule, value);
}

function refusal(rule: ClauseRule, value: CelValue): never {
  throw refuse(rule, value);
}

function integerOf(value: CelValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** What looks the same at the top and inside a list. */
function plainText(value: CelValue): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return utf8(value);
  if (value instanceof CelTypeValue) return typeName(value.type);
  if (value instanceof CelList) return `[${Array.from(value, nested).join(', ')}]`;
  if (value instanceof CelMap) return mapText(value);
  const integer = integerOf(value);
  return integer === undefined ? undefined : String(integer);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const problem = 'invalid UTF-8 in bytes, cannot convert to string';
    throw new CelEvaluationError(`could not convert argument ${goQuote(problem)} to string`);
  }
}

/** A value inside a list or map, as an expression would write it. */
function nested(value: CelValue): string {
  if (typeof value === 'number') return nestedDouble(value);
  if (value instanceof CelTimestamp) return `timestamp(${goQuote(formatTimestamp(value))})`;
  if (value instanceof CelDuration) return `duration(${goQuote(formatDuration(value))})`;
  const text = plainText(value);
  if (text === undefined) {
    throw new CelEvaluationError(`no formatting function for ${typeName(typeOfValue(value))}`);
  }
  if (typeof value === 'string') return goQuote(text);
  return value instanceof Uint8Array ? `b${goQuote(text)}` : text;
}

function nestedDouble(value: number): string {
  if (!Number.isFinite(value)) return goQuote(formatDouble(value));
  const { whole, fraction } = fixedDigits(value, defaultPrecision);
  return `${value < 0 || Object.is(value, -0) ? '-' : ''}${whole}.${fraction}`;
}

/** Entries in order of their keys' texts. */
function mapText(map: CelMap): string {
  const entries = Array.from(map.keys(), (key): [string, string] => [keyText(key), nested(map.get(key) ?? null)]);
  entries.sort(([a], [b]) => compareCelValues(a, b) ?? 0);
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}

function keyText(key: CelValue): string {
  const isKey = typeof key === 'string' || typeof key === 'boolean' || integerOf(key) !== undefined;
  if (isKey) return nested(key);
  throw new CelEvaluationError(`no formatting function for map key of type ${typeName(typeOfValue(key))}`);
}
