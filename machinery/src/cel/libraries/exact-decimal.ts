/**
 * Doubles written with a given number of digits, exactly: rounded from the value itself, halves to even, as Go does.
 * JavaScript's own functions round halves up and stop at 100 digits.
 */

/** A finite double without its sign as integer × 2^exponent. */
function partsOf(value: number): { integer: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0) & ((1n << 63n) - 1n);
  const biased = Number(raw >> 52n);
  const fraction = raw & ((1n << 52n) - 1n);
  return biased === 0
    ? { integer: fraction, exponent: -1074 }
    : { integer: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** |value| × 10^power, rounded to a whole number. */
function scaled(value: number, power: number): bigint {
  const { integer, exponent } = partsOf(value);
  const numerator = integer * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(exponent, 0));
  const denominator = 10n ** BigInt(Math.max(-power, 0)) * 2n ** BigInt(Math.max(-exponent, 0));
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** The digits of a finite value before and after the point, without the sign. */
export function fixedDigits(value: number, precision: number): { whole: string; fraction: string } {
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, '0');
  const point = digits.length - precision;
  return { whole: digits.slice(0, point), fraction: digits.slice(point) };
}

/** The digits of a finite value with one before the point, and its power of ten, without the sign. */
export function scientificDigits(
  value: number,
  precision: number,
): { whole: string; fraction: string; exponent: number } {
  if (value === 0) return { whole: '0', fraction: '0'.repeat(precision), exponent: 0 };
  const [, power = '0'] = Math.abs(value).toExponential().split('e');
  // The shortest text of a value may be the next power of ten, and rounding may carry into it.
  let exponent = Number(power) - 1;
  let digits = scaled(value, precision - exponent).toString();
  while (digits.length > precision + 1) {
    exponent += 1;
    digits = scaled(value, precision - exponent).toString();
  }
  return { whole: digits.slice(0, 1), fraction: digits.slice(1), exponent };
}
