import type { CelType } from './types.ts';
import {
  CelDuration,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from './values.ts';

/** The type of a value, outermost only: lists and maps are of `dyn`. */
export function typeOfValue(value: CelValue): CelType {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'bool' };
    case 'bigint':
      return { kind: 'int' };
    case 'number':
      return { kind: 'double' };
    case 'string':
      return { kind: 'string' };
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: Exclude<CelValue, boolean | bigint | number | string>): CelType {
  const dyn: CelType = { kind: 'dyn' };
  if (value === null) return { kind: 'null' };
  if (value instanceof CelList) return { kind: 'list', element: dyn };
  if (value instanceof CelMap) return { kind: 'map', key: dyn, value: dyn };
  if (value instanceof CelUint) return { kind: 'uint' };
  if (value instanceof CelTimestamp) return { kind: 'timestamp' };
  if (value instanceof CelDuration) return { kind: 'duration' };
  if (value instanceof Uint8Array) return { kind: 'bytes' };
  if (value instanceof CelTypeValue) return { kind: 'type', type: dyn };
  if (value instanceof CelOptional) return { kind: 'optional', value: dyn };
  return value.type;
}
