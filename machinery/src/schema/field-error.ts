import type { FieldError } from '@quarterdeck/apis';
import type { JsonValue } from '../wire/value.ts';
import { goQuote, goValue } from './go-text.ts';

/** The field errors of Kubernetes, in its words. KA-38 */

const withDetail = (text: string, detail: string) => (detail === '' ? text : `${text}: ${detail}`);

export function requiredValue(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

export function invalidValue(field: string, value: JsonValue, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail(`Invalid value: ${goValue(value)}`, detail) };
}

/** An invalid value that is too large to print: objects and arrays refused by a CEL rule. */
export function invalidOmitted(field: string, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail('Invalid value', detail) };
}

/** The value has another type than the schema says. */
export function invalidType(field: string, actual: string, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, message: `Invalid value: ${goQuote(actual)}: ${detail}` };
}

export function unsupportedValue(field: string, value: JsonValue, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: withDetail(`Unsupported value: ${goValue(value)}`, detail),
  };
}

export function duplicateValue(field: string, value: JsonValue): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${goValue(value)}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

/** Kubernetes says bytes here, even where it counts characters. */
export function tooLong(field: string, limit: number): FieldError {
  const unit = limit === 1 ? 'byte' : 'bytes';
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${limit} ${unit}` };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  const unit = limit === 1 ? 'item' : 'items';
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${actual}: must have at most ${limit} ${unit}` };
}
