import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '../wire/value.ts';
import { invalidValue, requiredValue, unsupportedValue } from './field-error.ts';
import { resolveFieldPath } from './field-reference.ts';
import { parseStructural } from './parse-structural.ts';
import { schemasAt, text } from './raw-schema.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasNewline = (value: string) => /[\n\r]/.test(value);

/** Checks what surrounds the CEL expressions of one node; the expressions themselves are not looked at. KA-101 */
export function ruleTextErrors(schema: JsonObject, path: string): FieldError[] {
  return schemasAt(schema, 'x-kubernetes-validations').flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    return [...messageErrors(rule, at), ...reasonErrors(rule, at), ...fieldPathErrors(rule, schema, `${at}.fieldPath`)];
  });
}

function messageErrors(rule: JsonObject, at: string): FieldError[] {
  const message = text(rule, 'message');
  const expression = text(rule, 'messageExpression');
  const errors: FieldError[] = [];
  if (text(rule, 'rule').trim() === '') errors.push(requiredValue(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'));
  } else if (hasNewline(message.trim())) {
    errors.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'));
  } else if (hasNewline(text(rule, 'rule').trim()) && message.trim() === '') {
    errors.push(requiredValue(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (expression !== '' && expression.trim() === '') {
    errors.push(requiredValue(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  return errors;
}

function reasonErrors(rule: JsonObject, at: string): FieldError[] {
  const reason = text(rule, 'reason');
  return reason === '' || reasons.includes(reason) ? [] : [unsupportedValue(`${at}.reason`, reason, reasons)];
}

function fieldPathErrors(rule: JsonObject, schema: JsonObject, at: string): FieldError[] {
  const fieldPath = text(rule, 'fieldPath');
  if (fieldPath === '') return [];
  const errors: FieldError[] = [];
  if (fieldPath.trim() === '') errors.push(invalidValue(at, fieldPath, 'must be non-empty if specified'));
  if (hasNewline(fieldPath)) errors.push(invalidValue(at, fieldPath, 'must not contain line breaks'));
  if ('problem' in resolveFieldPath(fieldPath, parseStructural(schema))) {
    errors.push(invalidValue(at, fieldPath, 'must be a valid path'));
  }
  return errors;
}
