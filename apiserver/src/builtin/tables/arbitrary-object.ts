import type { JsonObject, JsonValue, ProtobufField, ProtobufTables } from '@quarterdeck/machinery';

/** A random number from 0 to below `limit`. */
export type Pick = (limit: number) => number;

/**
 * Numbers that follow from a seed (mulberry32). fast-check supplies the seed: its own generators, asked a hundred
 * thousand times for one object, take seconds.
 */
export function pickFrom(seed: number): Pick {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const names = ['a', 'b/c', 'é', '__proto__', 'constructor', 'x'.repeat(40)];
const texts = ['', 'a', 'default', 'ünï', '😀 "\\ \n', 'x'.repeat(300)];
const quantities = ['1', '100m', '1Gi', '0', '-5', '1500Mi'];
const durations = ['0s', '1.5s', '1h0m0s', '-3m2.000000001s', '100ms', '7ns', '2µs'];

/**
 * A random object of a message in the form that decoding gives: zero values exactly where the tables say, no empty
 * lists and maps. For property tests.
 * @param depth messages still to come; below it only what must be there is
 */
export function drawMessage(pick: Pick, tables: ProtobufTables, message: string, depth: number): JsonObject {
  const object: [string, JsonValue][] = [];
  for (const field of tables.messages[message] ?? []) {
    if (field.inline === true) {
      object.push(...Object.entries(drawMessage(pick, tables, field.message ?? '', depth)));
      continue;
    }
    const value = drawField(pick, tables, field, depth);
    if (value !== undefined) object.push([field.name, value]);
  }
  return Object.fromEntries(object);
}

function drawField(pick: Pick, tables: ProtobufTables, field: ProtobufField, depth: number): JsonValue | undefined {
  const isPresent = depth > 0 && pick(10) < depth + 1;
  if (field.map === true) {
    if (!isPresent) return undefined;
    const keys = new Set(Array.from({ length: 1 + pick(3) }, () => names[pick(names.length)] ?? ''));
    return Object.fromEntries([...keys].map((key) => [key, drawValue(pick, tables, field, depth)]));
  }
  if (field.repeated === true) {
    if (!isPresent) return undefined;
    return Array.from({ length: 1 + pick(2) }, () => drawValue(pick, tables, field, depth));
  }
  if (field.zero === 'always' || isPresent) {
    const value = drawValue(pick, tables, field, depth);
    const isUnset = value === '' || value === 0 || value === false;
    return isUnset && (field.zero ?? 'omit') === 'omit' ? undefined : value;
  }
  return undefined;
}

function drawValue(pick: Pick, tables: ProtobufTables, field: ProtobufField, depth: number): JsonValue {
  const one = <T>(...values: T[]): T => values[pick(values.length)] as T;
  switch (field.type) {
    case 'string':
      return one(...texts);
    case 'bool':
      return one(true, false);
    case 'int32':
      return one(0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31));
    case 'int64':
      return one<number | bigint>(
        0,
        1,
        -1,
        2 ** 49,
        2 ** 53 - 1,
        -(2 ** 53) + 1,
        2n ** 63n - 1n,
        -(2n ** 63n),
        2n ** 53n,
      );
    case 'double':
      return one(0, 1.5, -1e300, 5e-324, 2 ** 53);
    case 'bytes':
      return one('', 'AA==', '//79', Buffer.alloc(300, 7).toString('base64'));
    case 'time':
      return one('1970-01-01T00:00:00Z', '2026-03-04T05:06:07Z', '0001-01-02T00:00:00Z', '9999-12-31T23:59:59Z');
    case 'microTime':
      return one('1970-01-01T00:00:00.000000Z', '2026-03-04T05:06:07.890123Z', '1969-12-31T23:59:59.999999Z');
    case 'duration':
      return one(...durations);
    case 'quantity':
      return one(...quantities);
    case 'intOrString':
      return one<number | string>(0, 80, -1, '', '25%', 'http');
    case 'fieldsV1':
    case 'rawExtension':
      return one<JsonObject>({}, { 'f:a': { '.': {} } }, { n: 2n ** 60n, l: [1, null, 'x'] });
    case 'json':
      return one<JsonValue>(true, 0, 'x', [], { a: [1.5, null] });
    case 'stringList':
      return one([], ['a'], ['', 'b']);
    case 'message':
      return drawMessage(pick, tables, field.message ?? '', depth - 1);
    case 'schemaOrArray': {
      const schema = drawMessage(pick, tables, field.message ?? '', depth - 1);
      return one<JsonValue>(schema, [schema], [schema, {}]);
    }
    case 'schemaOrBool':
      return one<JsonValue>(true, false, drawMessage(pick, tables, field.message ?? '', depth - 1));
    case 'schemaOrStringArray':
      return one<JsonValue>(['a', ''], drawMessage(pick, tables, field.message ?? '', depth - 1));
  }
}
