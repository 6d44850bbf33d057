import { type Type, Type_PrimitiveType, Type_WellKnownType } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { type Any, anyUnpack, DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  objectType,
  opaqueType,
  optionalType,
  stringType,
  timestampType,
  typeParam,
  typeType,
  uintType,
} from '../types.ts';
import { CelDuration, CelTimestamp, CelTypeValue, CelUint, type CelValue, celList, celMap } from '../values.ts';

/** A case that says something our values have no counterpart of. */
export class NoCounterpart extends Error {}

const second = 1_000_000_000n;

/** A value of the specification's cases as one of ours. Throws NoCounterpart for messages and enums. */
export function celValueOf({ kind }: Value): CelValue {
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'int64Value':
    case 'doubleValue':
    case 'stringValue':
    case 'bytesValue':
      return kind.value;
    case 'uint64Value':
      return new CelUint(kind.value);
    case 'listValue':
      return celList(kind.value.values.map(celValueOf));
    case 'mapValue':
      return celMap(kind.value.entries.map(({ key, value }) => [required(key), required(value)] as const));
    case 'typeValue':
      return new CelTypeValue(namedType(kind.value));
    case 'objectValue':
      return messageOf(kind.value);
    default:
      throw new NoCounterpart(`value of kind ${kind.case}`);
  }
}

function required(value: Value | undefined): CelValue {
  if (value === undefined) throw new NoCounterpart('entry without key or value');
  return celValueOf(value);
}

function messageOf(message: Any): CelValue {
  const timestamp = anyUnpack(message, TimestampSchema);
  if (timestamp !== undefined) return new CelTimestamp(timestamp.seconds * second + BigInt(timestamp.nanos));
  const duration = anyUnpack(message, DurationSchema);
  if (duration !== undefined) return new CelDuration(duration.seconds * second + BigInt(duration.nanos));
  throw new NoCounterpart(`message ${message.typeUrl}`);
}

const types: ReadonlyMap<string, CelType> = new Map([
  ['bool', boolType],
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['string', stringType],
  ['bytes', bytesType],
  ['null_type', nullType],
  ['list', listType(dynType)],
  ['map', mapType(dynType, dynType)],
  ['type', typeType(dynType)],
  ['google.protobuf.Timestamp', timestampType],
  ['google.protobuf.Duration', durationType],
  ['optional_type', optionalType(dynType)],
]);

function namedType(name: string): CelType {
  const type = types.get(name);
  if (type === undefined) throw new NoCounterpart(`type ${name}`);
  return type;
}

const primitives: ReadonlyMap<Type_PrimitiveType, CelType> = new Map([
  [Type_PrimitiveType.BOOL, boolType],
  [Type_PrimitiveType.INT64, intType],
  [Type_PrimitiveType.UINT64, uintType],
  [Type_PrimitiveType.DOUBLE, doubleType],
  [Type_PrimitiveType.STRING, stringType],
  [Type_PrimitiveType.BYTES, bytesType],
]);

/** A type of the specification's cases as one of ours. Throws NoCounterpart for wrappers. */
export function celTypeOf(type: Type | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'dyn':
      return dynType;
    case 'null':
      return nullType;
    case 'primitive':
      return primitives.get(kind.value) ?? dynType;
    case 'wellKnown':
      if (kind.value === Type_WellKnownType.ANY) throw new NoCounterpart('type google.protobuf.Any');
      return kind.value === Type_WellKnownType.TIMESTAMP ? timestampType : durationType;
    case 'listType':
      return listType(celTypeOf(kind.value.elemType));
    case 'mapType':
      return mapType(celTypeOf(kind.value.keyType), celTypeOf(kind.value.valueType));
    case 'messageType':
      return types.get(kind.value) ?? objectType(kind.value);
    case 'typeParam':
      return typeParam(kind.value);
    case 'type':
      return typeType(kind.value.typeKind.case === undefined ? dynType : celTypeOf(kind.value));
    case 'abstractType': {
      const params = kind.value.parameterTypes.map(celTypeOf);
      return kind.value.name === 'optional_type'
        ? optionalType(params[0] ?? dynType)
        : opaqueType(kind.value.name, ...params);
    }
    default:
      throw new NoCounterpart(`type of kind ${kind?.case}`);
  }
}
