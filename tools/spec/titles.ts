/** Requirement IDs that a test's title starts with. */
export interface TracedTitle {
  readonly title: string;
  readonly ids: readonly string[];
  readonly skipped: boolean;
}

// What stands before a title: a call of test or it, a call of what a call gave (`.each(...)(`, `.skipIf(...)(`), or the
// `name:` of a table row. Then a string that starts with an ID.
const titled =
  /(?:\b(?:test|it)(?:\.\w+)*\s*\(|\)\s*\(|\bname:)\s*(['"`])([A-Z]{1,3}-\d+[a-z]?\b(?:(?!\1)[^\\\n]|\\.)*)\1/g;
const heads = /\b(?:test|it)((?:\.\w+)*)\s*\(/g;
const leadingIds = /^(?:[A-Z]{1,3}-\d+[a-z]?[,:]? ?(?:and )?)+/;

/**
 * Finds titles in a test file's text. Titles in comments do not count.
 * @param prefixes what an ID begins with, `KA`; all else that looks like one (`SHA-1`, `UTF-16`) is prose
 */
export function tracedTitles(source: string, prefixes: ReadonlySet<string>): TracedTitle[] {
  const code = source.replace(/^\s*(?:\/\/|\*).*$/gm, '');
  const calls = [...code.matchAll(heads)].map(({ index, 1: modifiers = '' }) => ({ index, modifiers }));
  return [...code.matchAll(titled)].flatMap((match) => {
    const title = match[2] ?? '';
    const ids = idsOf(title, prefixes);
    if (ids.length === 0) return [];
    const isRow = match[0].startsWith('name:');
    const call = calls.findLast(({ index }) => index <= match.index);
    return [{ title, ids, skipped: !isRow && /\.(?:skip|todo|fails)\b/.test(call?.modifiers ?? '') }];
  });
}

function idsOf(title: string, prefixes: ReadonlySet<string>): string[] {
  const candidates = [...(leadingIds.exec(title)?.[0] ?? '').matchAll(/([A-Z]{1,3})-\d+[a-z]?/g)];
  const end = candidates.findIndex(([, prefix = '']) => !prefixes.has(prefix));
  return candidates.slice(0, end === -1 ? undefined : end).map(([id]) => id);
}
