/** `299 agent "text" ["date"]`; quotes and backslashes in the text are escaped. */
const warning = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts of Warning headers with code 299. KA-62 */
export function parseWarnings(header: string | readonly string[] | undefined): string[] {
  if (header === undefined) return [];
  const lines = typeof header === 'string' ? [header] : header;
  return lines.flatMap((line) => [...line.matchAll(warning)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1')));
}
