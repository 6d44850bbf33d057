import { RE2JS } from 're2js';

const limit = 2_000;
const cache = new Map<string, RE2JS | Error>();

/** Compiles an RE2 pattern once; the error when it is none. Time to match is linear in the text, whatever the pattern. */
export function compilePattern(pattern: string): RE2JS | Error {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const compiled = compile(pattern);
  if (cache.size >= limit) cache.clear();
  cache.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RE2JS | Error {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
