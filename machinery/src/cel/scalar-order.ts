/** A whole number and a double compare as doubles do, although that is not exact beyond 2^53. */
export function orderNumbers(a: bigint | number, b: bigint | number): number | undefined {
  return typeof a === typeof b ? order(a, b) : order(Number(a), Number(b));
}

/** Undefined for NaN. */
export function order<T extends bigint | number>(a: T, b: T): number | undefined {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : undefined;
}

/** By code points, as UTF-8 bytes order: surrogates sort above the rest of the basic plane. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Byte by byte; what is only longer comes after. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
