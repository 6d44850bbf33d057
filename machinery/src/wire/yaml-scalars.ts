/**
 * What an unquoted YAML scalar means: as Kubernetes reads it, so that a manifest gets the same verdict here and there.
 * Its decoder keeps YAML 1.1's words, so `yes`, `on` and `y` are booleans (and `data: {answer: yes}` of a ConfigMap is
 * a type error in both places, instead of a text here and an error there), `017` and `0o17` are octal, `1_000` is a
 * thousand. Dates stay texts. Deviations, all refusals instead of silent damage: numbers beyond float64 (Kubernetes
 * reads the text), `.inf` and `.nan` (no JSON form). BI-7
 */
export type PlainScalar = null | boolean | number | bigint | string | typeof outOfRange;

/** A number that JSON cannot say. */
export const outOfRange: unique symbol = Symbol('outOfRange');

const words = new Map<string, PlainScalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, outOfRange] as const),
  ...['', '+', '-'].flatMap((sign) => ['.inf', '.Inf', '.INF'].map((word) => [sign + word, outOfRange] as const)),
]);

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const mayBeNumber = /^[-+.0-9]/;

/** The value of an unquoted scalar without a tag. */
export function resolvePlain(source: string): PlainScalar {
  const word = words.get(source);
  if (word !== undefined) return word;
  if (!mayBeNumber.test(source)) return source;
  const plain = withoutGrouping(source);
  return resolveInteger(plain) ?? resolveFloat(plain) ?? source;
}

/** Underscores may stand anywhere in a number, but only between digits after a leading point: as in Kubernetes. */
export function withoutGrouping(source: string): string {
  return source.startsWith('.') ? source.replaceAll(/(?<=\d)_(?=\d)/g, '') : source.replaceAll('_', '');
}

/** Undefined when the text is no integer. */
export function resolveInteger(plain: string): number | bigint | typeof outOfRange | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = integer.exec(plain) ?? [];
  if (sign === undefined) return undefined;
  // Longer ones overflow float64 and are slow to convert.
  if (plain.length > 310) return outOfRange;
  const magnitude = BigInt(decimal ?? (hexadecimal ? `0x${hexadecimal}` : binary ? `0b${binary}` : `0o${octal}`));
  const value = sign === '-' ? -magnitude : magnitude;
  const asNumber = Number(value);
  if (!Number.isFinite(asNumber)) return outOfRange;
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/**
 * Undefined when the text is no decimal number. One that is whole, and fits 64 bits, is an integer: Kubernetes makes JSON of
 * YAML first, where `1e16` has all its digits.
 */
export function resolveFloat(plain: string): number | bigint | typeof outOfRange | undefined {
  if (!float.test(plain)) return undefined;
  const value = Number(plain);
  if (!Number.isFinite(value)) return outOfRange;
  const isLongInteger = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
  return isLongInteger ? BigInt(value) : value;
}
