import type { PolicyResult } from './evaluate.ts';

/** What may stand under one key of an audit event, in UTF-16 units. */
const longestValue = 10 * 1024;

/**
 * What a policy notes on the audit event of a request: `POLICY/KEY` -> the values of all bindings and parameters, each once.
 * KA-137b
 */
export function auditValues(
  policy: string,
  results: readonly Pick<PolicyResult, 'annotations'>[],
): ReadonlyMap<string, string> {
  const values = new Map<string, Set<string>>();
  for (const { annotations } of results) {
    for (const annotation of annotations) {
      if ('error' in annotation) continue;
      const key = `${policy}/${annotation.key}`;
      const known = values.get(key) ?? new Set<string>();
      known.add(annotation.value.slice(0, longestValue));
      values.set(key, known);
    }
  }
  return new Map([...values].map(([key, known]) => [key, [...known].join(', ')]));
}
