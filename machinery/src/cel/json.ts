import { type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { CelEvaluationError } from './errors.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import { typeOfValue } from './type-of-value.ts';
import { printType } from './types.ts';
import { CelDuration, CelList, CelMap, CelOptional, CelTimestamp, CelUint, type CelValue } from './values.ts';

/** Reads one JSON value as a value of CEL, without a copy. Throws CelEvaluationError where the value does not fit. */
export type JsonDecoder = (json: JsonValue) => CelValue;

/** Reads JSON of which no schema is known: whole numbers are ints, all others doubles. */
export function fromJson(json: JsonValue): CelValue {
  switch (typeof json) {
    case 'number':
      return Number.isInteger(json) ? BigInt(json) : json;
    case 'string':
    case 'boolean':
    case 'bigint':
      return json;
    default:
      if (json === null) return null;
      return Array.isArray(json) ? new JsonList(json, fromJson) : new JsonMap(json, fromJson);
  }
}

/** A view of a JSON array. */
export class JsonList extends CelList {
  readonly json: readonly JsonValue[];
  readonly decode: JsonDecoder;
  readonly size: number;

  constructor(json: readonly JsonValue[], decode: JsonDecoder) {
    super();
    this.json = json;
    this.decode = decode;
    this.size = json.length;
  }

  at(index: number): CelValue {
    return this.decode(this.json[index] as JsonValue);
  }
}

/** A view of a JSON object whose keys are data. */
export class JsonMap extends CelMap {
  readonly json: JsonObject;
  readonly decode: JsonDecoder;
  #size: number | undefined;

  constructor(json: JsonObject, decode: JsonDecoder) {
    super();
    this.json = json;
    this.decode = decode;
  }

  get size(): number {
    this.#size ??= Object.keys(this.json).length;
    return this.#size;
  }

  get(key: CelValue): CelValue | undefined {
    return this.has(key) ? this.decode(this.json[key as string] as JsonValue) : undefined;
  }

  override has(key: CelValue): boolean {
    return typeof key === 'string' && Object.hasOwn(this.json, key);
  }

  keys(): IterableIterator<CelValue> {
    return Object.keys(this.json).values();
  }
}

/**
 * A value as JSON: timestamps and durations as text, bytes in base64, an optional as its value.
 * Throws CelEvaluationError for what JSON has no form of: types, values of libraries, empty optionals, NaN.
 */
export function toJson(value: CelValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return plainInteger(value);
  if (value instanceof CelUint) return plainInteger(value.value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof CelList) return Array.from(value, toJson);
  if (value instanceof CelMap) return mapToJson(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelOptional && value.value !== undefined) return toJson(value.value);
  throw new CelEvaluationError(`a value of type ${printType(typeOfValue(value))} has no form in JSON`);
}

function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function mapToJson(map: CelMap): JsonObject {
  const object: JsonObject = {};
  for (const key of map.keys()) {
    const name = key instanceof CelUint ? String(key.value) : String(key);
    setOwn(object, name, toJson(map.get(key) as CelValue));
  }
  return object;
}
