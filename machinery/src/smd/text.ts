import type { JsonObject, JsonValue } from '../wire/value.ts';

/**
 * Orders text by code points, as Kubernetes orders by UTF-8 bytes. The `<` of JavaScript orders by UTF-16 units, which
 * puts an emoji before U+FFFD. Negative, 0 or positive.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return orderOfUnit(left) - orderOfUnit(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond the whole basic plane. */
const orderOfUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/**
 * The one JSON text of a value: sorted keys, no spaces, and the characters escaped that Kubernetes escapes. Equal values
 * have equal texts, so it serves as identity of set items and list keys. KA-73
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : canonicalContainer(value);
  }
}

function canonicalContainer(value: JsonValue[] | JsonObject): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = Object.keys(value)
    .sort(compareText)
    .map((key) => `${canonicalString(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${fields.join(',')}}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** What JSON must escape, and what Kubernetes escapes besides, to be safe in HTML and JavaScript. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const unsafe = /[\0-\x1f"\\<>&\u2028\u2029]/;
const everyUnsafe = new RegExp(unsafe, 'g');

/** {@link canonicalJson} of a text. */
export function canonicalString(text: string): string {
  if (!unsafe.test(text)) return `"${text}"`;
  return `"${text.replace(everyUnsafe, escapeUnit)}"`;
}

const escapeUnit = (unit: string): string =>
  shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text between double quotes, with everything escaped that cannot be seen: how Kubernetes quotes names in messages. */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    const short = shortEscapes[character];
    if (short !== undefined) return short;
    const point = character.codePointAt(0) as number;
    if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
    return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
