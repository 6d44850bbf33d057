/** Reading decoded values whose type is not known: own properties only, nothing throws. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Follows field names; undefined as soon as one is missing. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown => path.reduce<unknown>(fieldOf, value);

/** A list, or the empty one when there is none. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Deep equality of decoded values as CEL sees it: `1 == 1.0`, the order of keys is nothing. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    const isNumeric = (value: unknown) => typeof value === 'bigint' || typeof value === 'number';
    // biome-ignore lint/suspicious/noDoubleEquals: the one comparison that is exact between number and bigint
    return isNumeric(a) && isNumeric(b) && a == b;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item, b[index]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(fieldOf(a, key), fieldOf(b, key)))
  );
}
