import { WireError, type WireLimits } from './value.ts';

/** What a decoder allows when the caller names no limits: the body size of KA-63, and BI-3's nesting. */
export const defaultMaxBytes = 3 * 1024 * 1024;
export const defaultMaxDepth = 512;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of untrusted input, checked for size first and then for being Unicode: invalid UTF-8 and lone surrogates
 * are refused. A byte order mark stays, so that the parser sees it. BI-2, BI-6
 * @throws WireError `tooLarge`, or with the offset of the first offending byte or unit
 */
export function readText(input: string | Uint8Array, limits: WireLimits | undefined): string {
  const maxBytes = limits?.maxBytes ?? defaultMaxBytes;
  if (typeof input === 'string') {
    // A unit is at most 3 bytes, so most texts need no counting.
    if (input.length > maxBytes || (input.length * 3 > maxBytes && Buffer.byteLength(input) > maxBytes)) {
      throw tooLarge(maxBytes);
    }
    if (!input.isWellFormed()) throw loneSurrogate(input);
    return input;
  }
  checkSize(input, maxBytes);
  try {
    return decoder.decode(input);
  } catch (cause) {
    const offset = firstInvalidByte(input);
    throw new WireError(`invalid UTF-8 at byte ${offset}`, { offset, cause });
  }
}

/** Refuses binary input over the limit. @throws WireError `tooLarge` */
export function checkSize(input: Uint8Array, maxBytes: number): void {
  if (input.length > maxBytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): WireError {
  return new WireError(`the input is larger than ${maxBytes} bytes`, { kind: 'tooLarge' });
}

function loneSurrogate(text: string): WireError {
  const offset = text.search(/\p{Surrogate}/u);
  return new WireError(`lone surrogate at ${positionOf(text, offset)}`, { offset });
}

/** `line 3, column 14`, both from 1, columns in UTF-16 units. */
export function positionOf(text: string, offset: number): string {
  const { line, start } = lineAt(text, offset);
  return `line ${line}, column ${offset - start + 1}`;
}

/** The line that holds an offset, from 1, and the offset where it starts. */
export function lineAt(text: string, offset: number): { readonly line: number; readonly start: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, start: lineStart };
}

/** Bisects for the longest valid prefix; only runs on the way to an error. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid < invalid) {
    const middle = (valid + invalid + 1) >> 1;
    // `stream` tolerates a sequence that the cut leaves incomplete.
    if (isUtf8Prefix(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle - 1;
  }
  return valid;
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * The beginning of a text that somebody else wrote, for a message in an object: what a cut leaves of a character, and what
 * no server stores, is shown as U+FFFD, so that the write is not refused for it. BI-6
 * @param max UTF-16 units, so never more characters than that
 */
export const beginningOf = (text: string, max: number): string =>
  text.slice(0, max).toWellFormed().replaceAll('\0', '\ufffd');

/** Why a text must not reach a database: NUL, or half of a surrogate pair; undefined when it may. BI-6 */
export function unstorable(text: string): string | undefined {
  if (text.includes('\0')) return 'NUL is not allowed in a string';
  if (!text.isWellFormed()) return 'lone surrogate in a string';
  return undefined;
}
