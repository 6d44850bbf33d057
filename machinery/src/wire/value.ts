/**
 * The one value model of all pure cores, hub and agent alike (docs/adr/0003): what JSON, YAML and Kubernetes protobuf
 * decode to. Plain data, with three rules that JSON.parse alone does not keep:
 *
 * - an integer beyond 2^53 is a bigint, so that it survives a round trip (KA-52, BI-7);
 * - `__proto__` is an own property like any other (BI-5): build objects with {@link setOwn} or spread, never by
 *   assigning a computed key;
 * - duplicate keys are reported with their path, never silently dropped (KA-61, BI-4).
 */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

/** Defines an own property whatever its name; plain assignment of `__proto__` would set the prototype instead. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Reads an own property; `undefined` when absent, even for names that live on Object.prototype. */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deep equality of values. `1`, `1.0` and `1n` are equal, as they encode to the same JSON number; key order is not. */
export function equalValues(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    return (typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number')
      ? // biome-ignore lint/suspicious/noDoubleEquals: the one comparison that is exact between number and bigint
        a == b
      : false;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalValues(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equalValues(a[key], b[key]));
}

/**
 * What stands for a value in a Set or as a key of a Map: two values have the same exactly when {@link equalValues} calls
 * them equal. Only good for that; it is no text to show or to store.
 */
export function identityOf(value: JsonValue): string | number | bigint | boolean | null {
  switch (typeof value) {
    case 'string':
      return `"${value}`;
    case 'bigint': {
      const near = Number(value);
      return Number.isFinite(near) && BigInt(near) === value ? near : value;
    }
    case 'number':
    case 'boolean':
      return value;
    default:
      return value === null ? null : identityOfContainer(value);
  }
}

/** Begins with a bracket, so that it is the identity of no text. */
function identityOfContainer(value: JsonValue[] | JsonObject): string {
  if (Array.isArray(value)) return `[${value.map(identityWithin).join(',')}]`;
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${textWithin(key)}:${identityWithin(value[key] as JsonValue)}`).join(',')}}`;
}

/** A number and a bigint may have the same digits and not be equal: beyond 2^53 those of a number are rounded. */
function identityWithin(value: JsonValue): string {
  if (typeof value === 'string') return textWithin(value);
  const identity = identityOf(value);
  return typeof identity === 'bigint' ? `${identity}n` : String(identity);
}

/** With its length, so that no text reads like what stands around it. */
const textWithin = (text: string): string => `"${text.length}:${text}`;

/** A structural copy that shares nothing mutable with its source. */
export function cloneValue<T extends JsonValue>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneValue) as T;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, cloneValue(value[key] as JsonValue));
  return copy as T;
}

/** One thing a decoder saw and did not refuse by itself: the caller decides by fieldValidation. KA-61 */
export interface WireProblem {
  kind: 'duplicateField' | 'unknownField';
  /** Dotted with `[i]`: `spec.ports[0].name`. Empty at the root. */
  path: string;
  /** Of YAML only: the key by itself, and the line, from 1, where it comes the second time. */
  readonly at?: { readonly key: string; readonly line: number };
}

/** Where and why a {@link WireError} happened. */
export interface WireErrorOptions {
  /**
   * `malformed` (the default): the input is not what it claims to be, 400. `tooLarge`: it is over
   * {@link WireLimits.maxBytes}, 413. KA-63
   */
  kind?: 'malformed' | 'tooLarge';
  /** Offset in the input: UTF-16 units of a text, bytes of binary input; absent when unknown. */
  offset?: number;
  cause?: unknown;
}

/** Input that is not decodable at all: 400 with position (413 when too large). BI-1, BI-3, BI-6 */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly kind: 'malformed' | 'tooLarge';
  readonly offset: number | undefined;

  constructor(message: string, options: WireErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? 'malformed';
    this.offset = options.offset;
  }
}

/** Bounds every decoder enforces before it allocates much. BI-2, BI-3 */
export interface WireLimits {
  /** Default 3 MiB. KA-63 */
  maxBytes?: number;
  /** Nesting depth; default 512. */
  maxDepth?: number;
}
