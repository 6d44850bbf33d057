import { formatDouble } from '../go-number.ts';
import type { FunctionDeclaration } from '../library.ts';
import { unbounded } from '../size.ts';
import { durationOf, formatDuration, formatTimestamp, parseDuration, parseTimestamp, timestampOf } from '../time.ts';
import { typeOfValue } from '../type-of-value.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  typeName,
  typeParam,
  typeType,
  uintType,
} from '../types.ts';
import { type CelDuration, type CelTimestamp, CelTypeValue, CelUint, type CelValue } from '../values.ts';
import { fail, overload, walkCost } from './overloads.ts';

const a = typeParam('A');
const same = (value: CelValue) => value;
const second = 1_000_000_000n;

function conversionError(from: CelType, to: CelType): never {
  return fail(`type conversion error from '${typeName(from)}' to '${typeName(to)}'`);
}

function intOf(value: bigint): bigint {
  return BigInt.asIntN(64, value) === value ? value : fail('integer overflow');
}

function uintOf(value: bigint): CelUint {
  return BigInt.asUintN(64, value) === value ? new CelUint(value) : fail('unsigned integer overflow');
}

/** A double outside the bounds has no whole number; one inside loses its fraction. */
function wholeOf(value: number, least: number, end: number, problem: string): bigint {
  if (!Number.isFinite(value) || value <= least || value >= end) fail(problem);
  return BigInt(Math.trunc(value));
}

function doubleOf(text: string): number {
  const special = /^([+-]?)(?:inf|infinity|(nan))$/i.exec(text);
  if (special !== null) {
    if (special[2] !== undefined) return special[1] === '' ? Number.NaN : conversionError(stringType, doubleType);
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const value = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : conversionError(stringType, doubleType);
}

function boolOf(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return conversionError(stringType, boolType);
}

function integerText(text: string, pattern: RegExp, type: CelType): bigint {
  return pattern.test(text) ? BigInt(text.replace(/^\+/, '')) : conversionError(stringType, type);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function intOfText(text: string): bigint {
  const value = integerText(text, /^[+-]?\d+$/, intType);
  return BigInt.asIntN(64, value) === value ? value : conversionError(stringType, intType);
}

function uintOfText(text: string): CelUint {
  const value = integerText(text, /^\d+$/, uintType);
  return BigInt.asUintN(64, value) === value ? new CelUint(value) : conversionError(stringType, uintType);
}

/** Towards the past: the second that an instant is in. */
function epochSeconds(value: CelTimestamp): bigint {
  const rest = ((value.nanos % second) + second) % second;
  return (value.nanos - rest) / second;
}

/** `int(x)`, `string(x)` and so on, `type(x)` and `dyn(x)`. What has no counterpart is an error. */
export const conversion: readonly FunctionDeclaration[] = [
  {
    name: 'type',
    overloads: [overload('type', [a], typeType(a), (value: CelValue) => new CelTypeValue(typeOfValue(value)))],
  },
  { name: 'dyn', overloads: [overload('to_dyn', [a], dynType, same)] },
  {
    name: 'bool',
    overloads: [
      overload('bool_to_bool', [boolType], boolType, same),
      overload('string_to_bool', [stringType], boolType, boolOf),
    ],
  },
  {
    name: 'bytes',
    overloads: [
      overload('bytes_to_bytes', [bytesType], bytesType, same),
      overload(
        'string_to_bytes',
        [stringType],
        bytesType,
        (text: string) => new TextEncoder().encode(text),
        // A character takes up to four bytes.
        walkCost(0, (size) => ({ min: size.min, max: Math.min(size.max * 4, unbounded) })),
      ),
    ],
  },
  {
    name: 'double',
    overloads: [
      overload('double_to_double', [doubleType], doubleType, same),
      overload('int64_to_double', [intType], doubleType, Number),
      overload('string_to_double', [stringType], doubleType, doubleOf),
      overload('uint64_to_double', [uintType], doubleType, (value: CelUint) => Number(value.value)),
    ],
  },
  {
    name: 'duration',
    overloads: [
      overload('duration_to_duration', [durationType], durationType, same),
      overload('int64_to_duration', [intType], durationType, durationOf),
      overload(
        'string_to_duration',
        [stringType],
        durationType,
        (text: string) => parseDuration(text) ?? conversionError(stringType, durationType),
      ),
    ],
  },
  {
    name: 'int',
    overloads: [
      overload('int64_to_int64', [intType], intType, same),
      overload('double_to_int64', [doubleType], intType, (value: number) =>
        wholeOf(value, -(2 ** 63), 2 ** 63, 'integer overflow'),
      ),
      overload('duration_to_int64', [durationType], intType, (value: CelDuration) => value.nanos),
      overload('string_to_int64', [stringType], intType, intOfText),
      overload('timestamp_to_int64', [timestampType], intType, epochSeconds),
      overload('uint64_to_int64', [uintType], intType, (value: CelUint) => intOf(value.value)),
    ],
  },
  {
    name: 'string',
    overloads: [
      overload('string_to_string', [stringType], stringType, same),
      overload('bool_to_string', [boolType], stringType, String),
      overload(
        'bytes_to_string',
        [bytesType],
        stringType,
        textOf,
        walkCost(0, (size) => ({ min: Math.floor(size.min / 4), max: size.max })),
      ),
      overload('double_to_string', [doubleType], stringType, formatDouble),
      overload('duration_to_string', [durationType], stringType, formatDuration),
      overload('int64_to_string', [intType], stringType, String),
      overload('timestamp_to_string', [timestampType], stringType, formatTimestamp),
      overload('uint64_to_string', [uintType], stringType, (value: CelUint) => String(value.value)),
    ],
  },
  {
    name: 'timestamp',
    overloads: [
      overload('timestamp_to_timestamp', [timestampType], timestampType, same),
      overload('int64_to_timestamp', [intType], timestampType, (value: bigint) => timestampOf(value * second)),
      overload(
        'string_to_timestamp',
        [stringType],
        timestampType,
        (text: string) => parseTimestamp(text) ?? conversionError(stringType, timestampType),
      ),
    ],
  },
  {
    name: 'uint',
    overloads: [
      overload('uint64_to_uint64', [uintType], uintType, same),
      overload('double_to_uint64', [doubleType], uintType, (value: number) =>
        value < 0
          ? fail('unsigned integer overflow')
          : new CelUint(wholeOf(value, -1, 2 ** 64, 'unsigned integer overflow')),
      ),
      overload('int64_to_uint64', [intType], uintType, uintOf),
      overload('string_to_uint64', [stringType], uintType, uintOfText),
    ],
  },
];

/** Conversions of literals are done once, when the program is made; one that fails makes the program fail. */
export const conversionNames: ReadonlySet<string> = new Set(conversion.map((declaration) => declaration.name));
