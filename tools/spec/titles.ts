/** Requirement IDs that a test's title starts with. */
export interface TracedTitle {
  readonly title: string;
  readonly ids: readonly string[];
  readonly skipped: boolean;
}

// A call of test or it, or the `name:` of a table row; then a string that starts with an ID.
const traced =
  /(?:\b(?:test|it)((?:\.\w+(?:\([^()]*\))?)*)\s*\(\s*|\bname:\s*)(['"`])([A-Z]{1,3}-\d+[a-z]?\b(?:(?!\2)[^\\\n]|\\.)*)\2/g;
const leadingIds = /^(?:[A-Z]{1,3}-\d+[a-z]?[,:]? ?(?:and )?)+/;

/** Finds titles in a test file's text. Titles in comments do not count; a title names at most three requirements. */
export function tracedTitles(source: string): TracedTitle[] {
  const code = source.replace(/^\s*(?:\/\/|\*).*$/gm, '');
  return [...code.matchAll(traced)].map((match) => {
    const [, modifiers = '', , title = ''] = match;
    return {
      title,
      ids: [...(leadingIds.exec(title)?.[0] ?? '').matchAll(/[A-Z]{1,3}-\d+[a-z]?/g)].map(([id]) => id),
      skipped: /\.(?:skip|todo|fails)\b/.test(modifiers),
    };
  });
}
