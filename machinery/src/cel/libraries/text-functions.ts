import { CelEvaluationError } from '../errors.ts';

/**
 * The work behind the string functions. Positions count code points; all functions leave the text alone where JavaScript
 * would cut a character in halves. KA-102
 */

/** @throws CelEvaluationError outside the text; the position after the last character gives nothing */
export function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > BigInt(characters.length)) throw outOfRange(index);
  return characters[Number(index)] ?? '';
}

/** @throws CelEvaluationError for a negative offset */
export function indexOfText(text: string, wanted: string, offset: bigint): bigint {
  if (wanted === '') return offset;
  if (offset < 0n) throw outOfRange(offset);
  const characters = [...text];
  const sought = [...wanted];
  for (let at = startWithin(offset, characters); at <= characters.length - sought.length; at++) {
    if (standsAt(characters, sought, at)) return BigInt(at);
  }
  return -1n;
}

/** The last place, from the end. */
export function lastIndexOfText(text: string, wanted: string): bigint {
  const length = [...text].length;
  if (wanted === '') return BigInt(length);
  return length === 0 ? -1n : lastIndexOfTextFrom(text, wanted, BigInt(length - 1));
}

/** The last place not after the offset. @throws CelEvaluationError for a negative offset */
export function lastIndexOfTextFrom(text: string, wanted: string, offset: bigint): bigint {
  if (wanted === '') return offset;
  if (offset < 0n) throw outOfRange(offset);
  const characters = [...text];
  const sought = [...wanted];
  if (offset >= BigInt(characters.length)) return -1n;
  for (let at = Math.min(Number(offset), characters.length - sought.length); at >= 0; at--) {
    if (standsAt(characters, sought, at)) return BigInt(at);
  }
  return -1n;
}

/** @throws CelEvaluationError for a range outside the text */
export function substring(text: string, start: bigint, end?: bigint): string {
  const characters = [...text];
  const length = BigInt(characters.length);
  if (end !== undefined && start > end) {
    throw new CelEvaluationError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  for (const position of end === undefined ? [start] : [start, end]) {
    if (position < 0n || position > length) throw outOfRange(position);
  }
  return characters.slice(Number(start), Number(end ?? length)).join('');
}

/** @param limit how often at most; negative for always */
export function replaceText(text: string, old: string, by: string, limit: bigint): string {
  if (limit === 0n || (old === '' && by === '')) return text;
  if (old !== '') return limit < 0n ? text.split(old).join(by) : splitText(text, old, limit + 1n).join(by);
  let left = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  const before = () => (left-- > 0 ? by : '');
  return [...text].map((character) => before() + character).join('') + before();
}

/** @param limit how many parts at most, the last with what is left; negative for all, 0 for none */
export function splitText(text: string, separator: string, limit: bigint): string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (found) => found.toLowerCase());
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (found) => found.toUpperCase());
}

const spaces = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leading = new RegExp(`^${spaces}+`);
const space = new RegExp(spaces);

/** Without the white space of Unicode at both ends; other than JavaScript's, that is without U+FEFF and with U+0085. */
export function trimText(text: string): string {
  const rest = text.replace(leading, '');
  let end = rest.length;
  while (end > 0 && space.test(rest[end - 1] ?? '')) end--;
  return rest.slice(0, end);
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** In double quotes, with escapes that CEL reads back. */
export function quoteText(text: string): string {
  const escaped = Array.from(text.toWellFormed(), (character) => escapes[character] ?? character);
  return `"${escaped.join('')}"`;
}

function standsAt(characters: readonly string[], sought: readonly string[], at: number): boolean {
  return sought.every((character, index) => characters[at + index] === character);
}

const startWithin = (offset: bigint, characters: readonly string[]) =>
  offset > BigInt(characters.length) ? characters.length : Number(offset);

function outOfRange(position: bigint): CelEvaluationError {
  return new CelEvaluationError(`index out of range: ${position}`);
}
