import { binaryShifts, decimalPowers } from './suffixes.ts';

/**
 * Kubernetes quantities (`100m`, `1.5Gi`, `12e6`), exact: an integer count of billionths. What a text means and how it
 * is written canonically follow Kubernetes' resource.Quantity, except that a canonical form is always produced (there, a
 * few unusual inputs such as `5.` come back as typed) and that exponents are bounded here.
 */
export interface Quantity {
  /** The amount times 10^9. */
  readonly nanos: bigint;
  /** How it is written; kept by arithmetic from the left operand. */
  readonly format: QuantityFormat;
}

/** `100m`, `5k` · `1.5Gi` · `12e6`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** Text that is no quantity. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const nano = 1_000_000_000n;
/** Binary amounts are capped at the largest int64, as in Kubernetes; decimal ones are not. */
const maxBinary = ((1n << 63n) - 1n) * nano;
/** Longest text, and largest exponent either way: bounds the work that hostile input can ask for. BI-25 */
const maxLength = 128;
const maxExponent = 64;

const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?))$/;

/**
 * Parses a quantity. Fractions finer than a billionth round away from zero; binary amounts beyond int64 are capped.
 * @throws QuantityError for anything else, an exponent beyond ±64, or more than 128 characters
 */
export function parseQuantity(text: string): Quantity {
  if (text.length > maxLength) throw new QuantityError(`a quantity has at most ${maxLength} characters`);
  const match = shape.exec(text);
  if (match === null || text === '' || !/[0-9.]/.test(text)) throw malformed(text);
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  const digits = BigInt(`0${whole}${fraction}`);
  const binaryShift = binaryShifts[suffix];
  let magnitude: bigint;
  let format: QuantityFormat;
  if (binaryShift !== undefined) {
    magnitude = scaleByTen(digits << BigInt(binaryShift), 9 - fraction.length);
    if (magnitude > maxBinary) magnitude = maxBinary;
    // As Kubernetes does: part of a byte is no binary amount.
    format = magnitude < nano && magnitude > 0n ? 'DecimalSI' : 'BinarySI';
  } else {
    const power = exponent === undefined ? decimalPower(suffix, text) : Number(exponent);
    if (Math.abs(power) > maxExponent) throw new QuantityError(`quantity "${text}": exponent beyond ±${maxExponent}`);
    magnitude = scaleByTen(digits, power + 9 - fraction.length);
    format = exponent === undefined ? 'DecimalSI' : 'DecimalExponent';
  }
  return { nanos: sign === '-' ? -magnitude : magnitude, format };
}

/** A whole amount, for example of bytes or pods. */
export function quantityOf(amount: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(amount) * nano, format };
}

export const zeroQuantity: Quantity = Object.freeze({ nanos: 0n, format: 'DecimalSI' });

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nanos === b.nanos) return 0;
  return a.nanos < b.nanos ? -1 : 1;
}

/** Format of `a`, or of `b` when `a` is zero (so that summing from zero keeps the items' format). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** May be negative. Format of `a`, or of `b` when `a` is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** Zero (DecimalSI) for none. */
export function sumQuantities(quantities: Iterable<Quantity>): Quantity {
  let sum = zeroQuantity;
  for (const quantity of quantities) sum = addQuantities(sum, quantity);
  return sum;
}

/** The next whole number away from zero, as Kubernetes' Value(): `100m` is 1, `-1500m` is -2. */
export function wholeValue(quantity: Quantity): bigint {
  return divideAwayFromZero(quantity.nanos, nano);
}

/** Thousandths, rounded away from zero, as Kubernetes' MilliValue(): for CPU. */
export function milliValue(quantity: Quantity): bigint {
  return divideAwayFromZero(quantity.nanos, 1_000_000n);
}

/** For ratios and scores only: the nearest double. */
export function approximateValue(quantity: Quantity): number {
  return Number(quantity.nanos) / 1e9;
}

function decimalPower(suffix: string, text: string): number {
  const power = decimalPowers[suffix];
  if (power === undefined) throw malformed(text);
  return power;
}

function malformed(text: string): QuantityError {
  return new QuantityError(
    `"${text}" is no quantity: a number, then nothing, one of n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent such as e3`,
  );
}

/** `value` × 10^power for a value ≥ 0; what does not fit rounds up. */
function scaleByTen(value: bigint, power: number): bigint {
  return power >= 0 ? value * 10n ** BigInt(power) : divideAwayFromZero(value, 10n ** BigInt(-power));
}

function divideAwayFromZero(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}
