const decimal = /^[1-9][0-9]*$/;

/**
 * Compares two resourceVersions of one server: negative, zero, positive. Kubernetes declares them comparable integers
 * (KA-43); undefined when one is not of that form, and then nothing may be concluded.
 */
export function compareRevisions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
