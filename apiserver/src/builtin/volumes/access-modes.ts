import type { FieldError } from '@quarterdeck/apis';
import { compareQuantities, type JsonObject, zeroQuantity } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  requiredField,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { quantityOrNone } from '../checks.ts';

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const short: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** How a volume may be mounted. */
export function accessModeErrors(spec: JsonObject, path: string, why = ''): FieldError[] {
  const given = stringsAt(spec, 'accessModes');
  const at = `${path}.accessModes`;
  return [
    ...(given.length === 0 ? [requiredField(at, why)] : []),
    ...given.filter((mode) => !modes.includes(mode)).map((mode) => unsupportedField(at, mode, modes)),
    ...(given.includes('ReadWriteOncePod') && given.some((mode) => mode !== 'ReadWriteOncePod' && modes.includes(mode))
      ? [forbiddenField(at, 'may not use ReadWriteOncePod with other access modes')]
      : []),
  ];
}

/** `RWO,RWX` */
export function accessModesText(object: JsonObject, ...path: readonly string[]): string {
  const given = stringsAt(object, ...path);
  return short
    .filter(([mode]) => given.includes(mode))
    .map(([, text]) => text)
    .join(',');
}

/** An amount of storage: more than none. */
export function positiveAmountErrors(list: JsonObject, name: string, path: string): FieldError[] {
  const value = valueAt(list, name);
  const amount = quantityOrNone(value);
  if (amount === undefined) return [invalidField(path, value, 'must be a quantity such as 100m or 1Gi')];
  return compareQuantities(amount, zeroQuantity) > 0 ? [] : [invalidField(path, value, 'must be greater than zero')];
}
