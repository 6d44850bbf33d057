/**
 * Freezes plain data through and through, and returns it. What is frozen at the top is taken as frozen throughout: the
 * in-process client hands out such objects. (Recursion is fine: decoders bound the depth.)
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
