import type { JsonValue, ProtobufField } from '@quarterdeck/machinery';

/**
 * One field of a built-in message: its place in protobuf, and what the published OpenAPI says of it beyond its type.
 * Absent facts are absent there.
 */
export interface FieldRow extends ProtobufField {
  readonly required?: true;
  /** Never a zero value: those are no defaults of the API. */
  readonly default?: JsonValue;
  readonly enum?: readonly string[];
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'granular' | 'atomic';
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

export interface MessageRow {
  /** How server-side apply treats every field of this type. */
  readonly mapType?: 'granular' | 'atomic';
  /** In the order of the Go struct, which is the order people know. */
  readonly fields: readonly FieldRow[];
}

/** Messages by name: `core.v1.PodSpec`. */
export type MessageTable = Readonly<Record<string, MessageRow>>;

export interface KindRow {
  /** Empty for core; `any` for kinds that every group version has (DeleteOptions). */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly message: string;
}
