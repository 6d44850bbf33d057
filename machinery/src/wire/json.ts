import { JsonReader } from './json-reader.ts';
import { defaultMaxDepth, readText } from './text.ts';
import type { JsonValue, WireLimits, WireProblem } from './value.ts';

/** A decoded document, and what the decoder saw in it that the caller may mind. KA-61 */
export interface Decoded {
  value: JsonValue;
  /** In document order; one per path; at most 100, as Kubernetes reports. */
  problems: WireProblem[];
}

/**
 * Decodes untrusted JSON (RFC 8259) to the value model. Own parser, since JSON.parse hides duplicate keys, damages
 * integers beyond 2^53, and has no depth limit. Integers beyond 2^53 become bigint; the last of duplicate keys wins and
 * is reported; lone surrogates and NUL are refused, also as escapes, so that they never reach a database; numbers beyond
 * the range of float64 are refused. About 35 µs for a 4.2 KB object (JSON.parse: 25). Its longer texts share the memory
 * of the whole input, so what is kept for long should be encoded, or copied. KA-52, KA-61, BI-1, BI-3 to BI-7
 * @throws WireError with line and column
 */
export function decodeJson(input: string | Uint8Array, limits?: WireLimits): Decoded {
  const reader = new JsonReader(readText(input, limits), { maxDepth: limits?.maxDepth ?? defaultMaxDepth });
  return { value: reader.readDocument(), problems: reader.problems.list };
}

const trustedDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** As deep as the call stack surely goes. */
const trustedDepth = 2000;

/** A digit run, outside of quotes as far as one character tells, that may be an integer beyond 2^53. */
const longInteger = /[:,[\s-]\d{16}|^\d{16}/;

/**
 * Decodes JSON that this program or a trusted peer encoded: the same values as {@link decodeJson}, without limits and
 * reports, by native JSON.parse unless something looks like a long integer.
 * @throws SyntaxError or WireError on invalid JSON
 */
export function parseJson(input: string | Uint8Array): JsonValue {
  const text = typeof input === 'string' ? input : trustedDecoder.decode(input);
  if (!longInteger.test(text)) {
    const value = JSON.parse(text) as JsonValue;
    if (!hasEscapedKey(text) || !hasBackslashKey(value)) return value;
  }
  return new JsonReader(text, { maxDepth: trustedDepth, isTrusted: true }).readDocument();
}

/**
 * JSON.parse of V8 13.6 takes a key for the one that followed the same keys before where the text of the one begins as the
 * other reads: after `{"a\\": 1}` it reads `{"a\n": 1}` as that again. A key that is misread so has an escape in the text
 * and a backslash in the value.
 */
function hasEscapedKey(text: string): boolean {
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    let unit = text.charCodeAt(at);
    for (; unit !== 0x22; unit = text.charCodeAt(at)) at += unit === 0x5c ? 2 : 1;
    do unit = text.charCodeAt(++at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09);
    if (unit === 0x3a) return true;
  }
  return false;
}

function hasBackslashKey(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasBackslashKey);
  for (const key in value) {
    if (key.includes('\\') || hasBackslashKey(value[key] as JsonValue)) return true;
  }
  return false;
}

/**
 * Encodes to compact JSON: keys in their order, bigint as a number, `-0` and floats kept what they are. KA-52, BI-5, BI-7
 * @throws TypeError for what is not a JsonValue (NaN, Infinity, undefined in a list): a bug of the caller
 */
export function encodeJson(value: JsonValue): string {
  return isNative(value) ? JSON.stringify(value) : encodeSlow(value);
}

/** Whether JSON.stringify writes this value as it is; walking first costs a tenth of stringifying. */
function isNative(value: JsonValue): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER && !Object.is(value, -0);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isNative(value[index] as JsonValue)) return false;
    return true;
  }
  for (const key in value) {
    // An absent optional field may stand as undefined in typed objects; JSON.stringify leaves it out.
    const field: JsonValue | undefined = value[key];
    if (field !== undefined && !isNative(field)) return false;
  }
  return true;
}

function encodeSlow(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'bigint':
      return value.toString();
    case 'number':
      return encodeNumber(value);
    case 'object':
      break;
    default:
      throw new TypeError(`${typeof value} has no JSON form`);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(encodeSlow).join(',')}]`;
  const fields: string[] = [];
  for (const [key, field] of Object.entries(value) as [string, JsonValue | undefined][]) {
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${encodeSlow(field)}`);
  }
  return `{${fields.join(',')}}`;
}

/**
 * A number beyond 2^53 is a float, as integers of that size are bigint: its exponent keeps it one when it is read again,
 * where plain digits would become an integer that is not the same number.
 */
function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : JSON.stringify(value);
}
