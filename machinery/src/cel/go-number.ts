import { goFloat } from '../schema/go-text.ts';

/** A double as `string()` prints it: Go's `%g` with the shortest digits; `NaN`, `+Inf`, `-Inf`. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  return Object.is(value, -0) ? '-0' : goFloat(value);
}

/** A double with all its digits and no exponent: Go's `%f` in the shortest form. */
export function formatPlainDouble(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, power] = Math.abs(value).toExponential().split('e') as [string, string];
  return (value < 0 ? '-' : '') + plain(mantissa.replace('.', ''), Number(power) + 1);
}

function special(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-Inf' : '+Inf';
}

function plain(digits: string, exponent: number): string {
  if (exponent <= 0) return `0.${'0'.repeat(-exponent)}${digits}`;
  if (digits.length <= exponent) return digits.padEnd(exponent, '0');
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}
