import type { JsonValue } from '../value.ts';

/**
 * The facts the codec runs on: which message a kind is, and for each of its fields the JSON name, the number and the
 * type. Generated for built-in kinds (tools/gen-builtins); the codec itself knows no kind. KA-27, KA-30
 */
export interface ProtobufTables {
  /** Message name by `apiVersion/Kind` (`v1/Pod`, `apps/v1/Deployment`), or by a kind of every group: `any/DeleteOptions`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, readonly ProtobufField[]>>;
}

export interface ProtobufField {
  /** As in JSON; the field's own name where it is inline. */
  readonly name: string;
  readonly number: number;
  readonly type: ProtobufType;
  /** The message's name: of a `message`, and of the schema inside the three `schemaOr…` types. */
  readonly message?: string;
  readonly repeated?: boolean;
  /** A map with string keys; `type` and `message` are those of its values. */
  readonly map?: boolean;
  /** A message whose fields stand among its parent's in JSON (Go's embedded structs). Never repeated. */
  readonly inline?: boolean;
  /**
   * What a zero value means, which Go's types and JSON tags decide. Lists and maps need none: empty is absent.
   *
   * | zero     | Go                            | decode                     | encode            |
   * |----------|-------------------------------|----------------------------|-------------------|
   * | omit     | a value with omitempty        | zero is left out           | absent sends zero |
   * | keep     | a pointer (or bytes)          | zero is kept, absent is not | absent is absent  |
   * | always   | a value without omitempty, or a struct | absent gives zero | absent sends zero |
   *
   * Default omit.
   */
  readonly zero?: 'omit' | 'keep' | 'always';
}

export type ProtobufScalar = 'string' | 'bool' | 'int32' | 'int64' | 'double' | 'bytes';

/**
 * The messages that JSON shows as something else than an object of their fields:
 * `time` and `microTime` RFC 3339, `duration` as Go prints it, `quantity` a text, `intOrString` either, `json` any
 * value, `fieldsV1` one too (an object), `rawExtension` an object (JSON, or a nested envelope), `stringList` a list
 * (a message with one repeated field), and a CRD schema's alternatives.
 */
export type ProtobufSpecial =
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'json'
  | 'fieldsV1'
  | 'rawExtension'
  | 'stringList'
  | 'schemaOrArray'
  | 'schemaOrBool'
  | 'schemaOrStringArray';

export type ProtobufType = ProtobufScalar | ProtobufSpecial | 'message';

/**
 * The message of a kind, or undefined when the tables have none: such a body is answered 415. KA-27
 * @param apiVersion `v1`, `apps/v1`
 */
export function protobufMessageOf(tables: ProtobufTables, apiVersion: string, kind: string): string | undefined {
  return own(tables.kinds, `${apiVersion}/${kind}`) ?? own(tables.kinds, `any/${kind}`);
}

/** The fields of a message that a table names. A name without a message is a broken table. */
export function fieldsOf(tables: ProtobufTables, message: string | undefined): readonly ProtobufField[] {
  const fields = message === undefined ? undefined : own(tables.messages, message);
  if (fields === undefined) throw new Error(`protobuf tables have no message ${message}`);
  return fields;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** How JSON writes the zero of a value that Go holds as no struct; undefined for types that have none, and for messages. */
export function plainZero({ type }: Pick<ProtobufField, 'type'>): JsonValue | undefined {
  switch (type) {
    case 'string':
    case 'bytes':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    default:
      return undefined;
  }
}
