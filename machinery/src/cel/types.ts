/**
 * The types of CEL expressions. Types are immutable values; compare them with {@link equalTypes}, print them with
 * {@link printType}. KA-101, KA-102
 */
export type CelType =
  | { readonly kind: CelPrimitiveKind }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'optional'; readonly value: CelType }
  /** A type with fields that a {@link CelTypeProvider} knows by its name. */
  | { readonly kind: 'object'; readonly name: string }
  /** A type of a library: its values are only understood by the library's own functions. */
  | { readonly kind: 'opaque'; readonly name: string; readonly params: readonly CelType[] }
  /** The type of a type: `type(1)` is `type(int)`. */
  | { readonly kind: 'type'; readonly type: CelType }
  /** A type parameter of an overload: each call may bind it anew. */
  | { readonly kind: 'typeParam'; readonly name: string };

/** The kinds that have no parameters. `error` is the type of what did not check: it fits everywhere. */
export type CelPrimitiveKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'dyn'
  | 'error';

export const boolType: CelType = { kind: 'bool' };
export const intType: CelType = { kind: 'int' };
export const uintType: CelType = { kind: 'uint' };
export const doubleType: CelType = { kind: 'double' };
export const stringType: CelType = { kind: 'string' };
export const bytesType: CelType = { kind: 'bytes' };
export const nullType: CelType = { kind: 'null' };
export const timestampType: CelType = { kind: 'timestamp' };
export const durationType: CelType = { kind: 'duration' };
export const dynType: CelType = { kind: 'dyn' };
export const errorType: CelType = { kind: 'error' };

export function listType(element: CelType): CelType {
  return { kind: 'list', element };
}

export function mapType(key: CelType, value: CelType): CelType {
  return { kind: 'map', key, value };
}

export function optionalType(value: CelType): CelType {
  return { kind: 'optional', value };
}

export function objectType(name: string): CelType {
  return { kind: 'object', name };
}

export function opaqueType(name: string, ...params: CelType[]): CelType {
  return { kind: 'opaque', name, params };
}

export function typeType(type: CelType): CelType {
  return { kind: 'type', type };
}

export function typeParam(name: string): CelType {
  return { kind: 'typeParam', name };
}

/** The name that `type(x)` prints and that an expression may write as a value: `google.protobuf.Timestamp` for timestamp. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'optional':
      return 'optional_type';
    case 'object':
    case 'opaque':
    case 'typeParam':
      return type.name;
    default:
      return type.kind;
  }
}

/** The parameters of a type in order: element of a list, key and value of a map. Empty for all others without any. */
export function typeParameters(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'optional':
      return [type.value];
    case 'opaque':
      return type.params;
    case 'type':
      return [type.type];
    default:
      return [];
  }
}

/** A type as messages show it: `list(int)`, `map(string, dyn)`, `timestamp`. */
export function printType(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null';
    case 'timestamp':
    case 'duration':
      return type.kind;
    case 'error':
      return '!error!';
    default: {
      const params = typeParameters(type);
      return params.length === 0 ? typeName(type) : `${typeName(type)}(${params.map(printType).join(', ')})`;
    }
  }
}

/** Whether two types are the same, parameters included; `dyn` equals only itself here. */
export function equalTypes(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  const left = typeParameters(a);
  const right = typeParameters(b);
  return left.length === right.length && left.every((param, index) => equalTypes(param, right[index] as CelType));
}
