import { encodeJson } from '../wire/json.ts';
import { isJsonObject, type JsonValue } from '../wire/value.ts';

/**
 * How Kubernetes prints values in messages: as Go does. Messages are compared by people and by tests, so the same value
 * must look the same here as from a kube-apiserver.
 */

const named: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};
const plain = /^[ !#-[\]-~]*$/;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A Go string literal, as `%q` writes it. */
export function goQuote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  let out = '"';
  for (const character of text) out += named[character] ?? (printable.test(character) ? character : escaped(character));
  return `${out}"`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A number as `%v` writes it: whole ones that a 64-bit integer holds are integers there, all others floats. */
export function goNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value.toString() : goFloat(Number(value));
  return Number.isSafeInteger(value) ? String(value) : goFloat(value);
}

/** A float as `%v` writes it: with an exponent, of two digits at least, from 1e6 up and below 1e-4. */
export function goFloat(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const size = Number(exponent);
  if (size >= -4 && size < 6) return String(value);
  return `${digits}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`;
}

const htmlEscapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

/** JSON as Go's encoder writes it: keys sorted, HTML characters escaped. */
export function goJson(value: JsonValue): string {
  if (typeof value === 'string') return encodeJson(value).replace(/[<>&]/g, (found) => htmlEscapes[found] ?? found);
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (!isJsonObject(value)) return String(value);
  const fields = Object.keys(value)
    .sort(byCodePoint)
    .map((key) => `${goJson(key)}:${goJson(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}

/** A value as it stands after `Invalid value: `. */
export function goValue(value: JsonValue): string {
  if (typeof value === 'string') return goQuote(value);
  return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : goJson(value);
}

/** Orders by Unicode code point, as Go orders strings; JavaScript orders by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; ) {
    const x = a.codePointAt(index) ?? 0;
    const y = b.codePointAt(index) ?? 0;
    if (x !== y) return x - y;
    index += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
