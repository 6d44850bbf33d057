import { Operator } from '../ast.ts';
import type { FunctionDeclaration } from '../library.ts';
import { durationOf, timestampOf } from '../time.ts';
import {
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  stringType,
  timestampType,
  typeParam,
  uintType,
} from '../types.ts';
import { type CelDuration, type CelList, type CelTimestamp, CelUint } from '../values.ts';
import { concatCost, concatListCost, fail, overload } from './overloads.ts';

function int(value: bigint): bigint {
  return BigInt.asIntN(64, value) === value ? value : fail('integer overflow');
}

function uint(value: bigint): CelUint {
  return BigInt.asUintN(64, value) === value ? new CelUint(value) : fail('unsigned integer overflow');
}

const divisor = (value: bigint) => (value === 0n ? fail('division by zero') : value);
const modulus = (value: bigint) => (value === 0n ? fail('modulus by zero') : value);
const ints = [intType, intType];
const uints = [uintType, uintType];
const doubles = [doubleType, doubleType];
const lists = listType(typeParam('A'));

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** `+ - * / %` and the sign. Whole numbers that do not fit 64 bits are errors, never wrapped. */
export const arithmetic: readonly FunctionDeclaration[] = [
  {
    name: Operator.add,
    overloads: [
      overload('add_bytes', [bytesType, bytesType], bytesType, joinBytes, concatCost),
      overload('add_double', doubles, doubleType, (a: number, b: number) => a + b),
      overload('add_duration_duration', [durationType, durationType], durationType, (a: CelDuration, b: CelDuration) =>
        durationOf(a.nanos + b.nanos),
      ),
      overload(
        'add_duration_timestamp',
        [durationType, timestampType],
        timestampType,
        (a: CelDuration, b: CelTimestamp) => timestampOf(a.nanos + b.nanos, b.eastMinutes),
      ),
      overload(
        'add_timestamp_duration',
        [timestampType, durationType],
        timestampType,
        (a: CelTimestamp, b: CelDuration) => timestampOf(a.nanos + b.nanos, a.eastMinutes),
      ),
      overload('add_int64', ints, intType, (a: bigint, b: bigint) => int(a + b)),
      overload('add_list', [lists, lists], lists, (a: CelList, b: CelList) => a.concat(b), concatListCost),
      overload('add_string', [stringType, stringType], stringType, (a: string, b: string) => a + b, concatCost),
      overload('add_uint64', uints, uintType, (a: CelUint, b: CelUint) => uint(a.value + b.value)),
    ],
  },
  {
    name: Operator.subtract,
    overloads: [
      overload('subtract_double', doubles, doubleType, (a: number, b: number) => a - b),
      overload(
        'subtract_duration_duration',
        [durationType, durationType],
        durationType,
        (a: CelDuration, b: CelDuration) => durationOf(a.nanos - b.nanos),
      ),
      overload('subtract_int64', ints, intType, (a: bigint, b: bigint) => int(a - b)),
      overload(
        'subtract_timestamp_duration',
        [timestampType, durationType],
        timestampType,
        (a: CelTimestamp, b: CelDuration) => timestampOf(a.nanos - b.nanos, a.eastMinutes),
      ),
      overload(
        'subtract_timestamp_timestamp',
        [timestampType, timestampType],
        durationType,
        (a: CelTimestamp, b: CelTimestamp) => durationOf(a.nanos - b.nanos),
      ),
      overload('subtract_uint64', uints, uintType, (a: CelUint, b: CelUint) => uint(a.value - b.value)),
    ],
  },
  {
    name: Operator.multiply,
    overloads: [
      overload('multiply_double', doubles, doubleType, (a: number, b: number) => a * b),
      overload('multiply_int64', ints, intType, (a: bigint, b: bigint) => int(a * b)),
      overload('multiply_uint64', uints, uintType, (a: CelUint, b: CelUint) => uint(a.value * b.value)),
    ],
  },
  {
    name: Operator.divide,
    overloads: [
      overload('divide_double', doubles, doubleType, (a: number, b: number) => a / b),
      overload('divide_int64', ints, intType, (a: bigint, b: bigint) => int(a / divisor(b))),
      overload('divide_uint64', uints, uintType, (a: CelUint, b: CelUint) => uint(a.value / divisor(b.value))),
    ],
  },
  {
    name: Operator.modulo,
    overloads: [
      // The quotient of the least integer and -1 does not fit, and so its remainder is an error as well.
      overload('modulo_int64', ints, intType, (a: bigint, b: bigint) => {
        int(a / modulus(b));
        return a % b;
      }),
      overload('modulo_uint64', uints, uintType, (a: CelUint, b: CelUint) => uint(a.value % modulus(b.value))),
    ],
  },
  {
    name: Operator.negate,
    overloads: [
      overload('negate_double', [doubleType], doubleType, (a: number) => -a),
      overload('negate_int64', [intType], intType, (a: bigint) => int(-a)),
    ],
  },
];
