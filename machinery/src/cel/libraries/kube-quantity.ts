import { binaryShifts, decimalPowers } from '../../quantity/suffixes.ts';

/**
 * Quantities as Kubernetes computes with them in CEL. Other than machinery/quantity, this keeps the form that a text had:
 * an amount is a small number (64 bits and a power of ten) or a large decimal, and `isInteger` asks for the form, not
 * for the amount: `50k` is an integer, `50000m` is none. KA-102
 */
export interface KubeQuantity {
  /** The amount is unscaled × 10^power. */
  readonly unscaled: bigint;
  readonly power: number;
  /** Kept outside 64 bits: never an integer, whatever its amount. */
  readonly isLarge: boolean;
}

/** Text that is no quantity, in Kubernetes' words. */
export class KubeQuantityError extends Error {
  override readonly name = 'KubeQuantityError';
}

/** Bounds the work that one text can ask for: Kubernetes has no such bounds, and no amount of resources needs more. */
const maxLength = 1024;
const maxPower = 1000;

const maxInt64 = (1n << 63n) - 1n;
const minInt64 = -(1n << 63n);

/** @throws KubeQuantityError */
export function parseKubeQuantity(text: string): KubeQuantity {
  if (text.length > maxLength) throw new KubeQuantityError(`a quantity has at most ${maxLength} characters`);
  const found = /^([+-]?)0*(?!0)([0-9]*)(?:\.([0-9]*))?(?![0-9])([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (text === '' || found === null) {
    throw new KubeQuantityError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const [, sign, digits = '', fraction = '', suffix = ''] = found;
  const whole = digits === '' ? '0' : digits;
  const factor = readSuffix(suffix);
  const hasDigit = /[0-9]/.test(text.slice(0, text.length - suffix.length));
  const magnitude = smallOf(whole, fraction, factor) ?? largeOf({ whole, fraction, factor, hasDigit });
  return sign === '-' ? { ...magnitude, unscaled: -magnitude.unscaled } : magnitude;
}

export function compareKubeQuantities(a: KubeQuantity, b: KubeQuantity): -1 | 0 | 1 {
  const [left, right] = aligned(a, b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function addKubeQuantities(a: KubeQuantity, b: KubeQuantity): KubeQuantity {
  if (!a.isLarge && !b.isLarge) {
    if (b.unscaled === 0n) return a;
    if (a.unscaled === 0n) return b;
  }
  const power = Math.min(a.power, b.power);
  const [left, right] = aligned(a, b);
  const unscaled = left + right;
  const isSmall = !a.isLarge && !b.isLarge && [left, right, unscaled].every(fitsInt64);
  return { unscaled, power, isLarge: !isSmall };
}

export function subtractKubeQuantities(a: KubeQuantity, b: KubeQuantity): KubeQuantity {
  return addKubeQuantities(a, { ...b, unscaled: -b.unscaled });
}

export function kubeQuantityOf(amount: bigint): KubeQuantity {
  return { unscaled: amount, power: 0, isLarge: false };
}

/** The whole amount; undefined where the form is no integer's. */
export function asInt64({ unscaled, power, isLarge }: KubeQuantity): bigint | undefined {
  if (isLarge || power < 0) return undefined;
  const value = unscaled * 10n ** BigInt(power);
  return fitsInt64(value) ? value : undefined;
}

export function asApproximateDouble({ unscaled, power }: KubeQuantity): number {
  return power === 0 ? Number(unscaled) : Number(unscaled) * Number(`1e${power}`);
}

interface Factor {
  readonly base: 2 | 10;
  readonly exponent: number;
}

function readSuffix(suffix: string): Factor {
  const decimal = Object.hasOwn(decimalPowers, suffix) ? decimalPowers[suffix] : undefined;
  if (decimal !== undefined) return { base: 10, exponent: decimal };
  const binary = Object.hasOwn(binaryShifts, suffix) ? binaryShifts[suffix] : undefined;
  if (binary !== undefined) return { base: 2, exponent: binary };
  if (!/^[eE][+-]?[0-9]+$/.test(suffix)) throw new KubeQuantityError("unable to parse quantity's suffix");
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > maxPower) throw new KubeQuantityError(`a quantity's exponent is at most ±${maxPower}`);
  return { base: 10, exponent };
}

/** The form of most quantities. Undefined when the digits do not surely fit. */
function smallOf(whole: string, fraction: string, { base, exponent }: Factor): KubeQuantity | undefined {
  if (base === 2) {
    const spare = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
    if (fraction !== '' || spare < 0) return undefined;
    return { unscaled: BigInt(whole) << BigInt(exponent), power: 0, isLarge: false };
  }
  const power = exponent - fraction.length;
  if (whole.length + fraction.length > 18 || power < -9) return undefined;
  return { unscaled: BigInt(whole + fraction), power, isLarge: false };
}

/** Rounded up to a billionth; a binary amount is at most the largest int64. */
function largeOf(parts: { whole: string; fraction: string; factor: Factor; hasDigit: boolean }): KubeQuantity {
  const { whole, fraction, factor, hasDigit } = parts;
  if (!hasDigit) throw new KubeQuantityError('unable to parse numeric part of quantity');
  const digits = BigInt(whole + fraction);
  const isBinary = factor.base === 2;
  const exact = {
    unscaled: isBinary ? digits << BigInt(factor.exponent) : digits,
    power: (isBinary ? 0 : factor.exponent) - fraction.length,
    isLarge: true,
  };
  // Zero keeps its digits; all others are counted in billionths from here on.
  const rounded = exact.unscaled === 0n ? exact : inBillionths(exact);
  const cap = { unscaled: maxInt64, power: 0, isLarge: true };
  return isBinary && compareKubeQuantities(rounded, cap) > 0 ? cap : rounded;
}

function inBillionths({ unscaled, power }: KubeQuantity): KubeQuantity {
  const shift = power + 9;
  if (shift >= 0) return { unscaled: unscaled * 10n ** BigInt(shift), power: -9, isLarge: true };
  const divisor = 10n ** BigInt(-shift);
  const up = unscaled % divisor === 0n ? 0n : 1n;
  return { unscaled: unscaled / divisor + up, power: -9, isLarge: true };
}

function aligned(a: KubeQuantity, b: KubeQuantity): [bigint, bigint] {
  const power = Math.min(a.power, b.power);
  return [a.unscaled * 10n ** BigInt(a.power - power), b.unscaled * 10n ** BigInt(b.power - power)];
}

const fitsInt64 = (value: bigint) => value >= minInt64 && value <= maxInt64;
