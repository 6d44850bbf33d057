import type { FieldError } from '@quarterdeck/apis';
import type { JsonValue } from '../wire/value.ts';
import { appendErrors, createOutcome } from './outcome.ts';
import { schemaFeatures } from './schema-features.ts';
import type { StructuralSchema } from './structural.ts';
import { validateEmbedded } from './validate-embedded.ts';
import { validateLists } from './validate-lists.ts';
import { validateNode } from './validate-node.ts';

export interface ValidateOptions {
  /** Where the value stands in its object; errors' fields begin with it. Default: the root. */
  readonly path?: string;
  /**
   * The value before this write. Errors on parts that have not changed are then dropped, so that a stricter schema does
   * not make old objects impossible to touch. KA-105
   */
  readonly old?: JsonValue;
}

/**
 * Checks a value against its schema: types, formats, limits, logic, then embedded resources, then the uniqueness of
 * sets and keyed lists. KA-97, KA-100, KA-105. The rules of the root object's metadata, and CEL rules, are not here.
 *
 * @returns errors in Kubernetes' words, in the order of the schema; empty when the value is good. At most a thousand:
 * what is wrong a thousand times needs no complete list.
 */
export function validateValue(value: JsonValue, schema: StructuralSchema, options: ValidateOptions = {}): FieldError[] {
  const prefix = options.path ?? '';
  const outcome = createOutcome(prefix);
  const { old } = options;
  validateNode(outcome, value, schema, undefined, old === undefined ? undefined : { value: old, schema });
  const errors = outcome.errors;
  const features = schemaFeatures(schema);
  if (features.embedded) appendErrors(errors, validateEmbedded(value, schema, prefix));
  if (features.lists) appendErrors(errors, newListErrors(value, schema, prefix, options.old));
  return errors;
}

/** Those that an earlier state had some of already are passed over, all of them. It is looked at only where there are any. */
function newListErrors(
  value: JsonValue,
  schema: StructuralSchema,
  prefix: string,
  old: JsonValue | undefined,
): FieldError[] {
  const errors = validateLists(value, schema, prefix);
  if (errors.length === 0 || old === undefined) return errors;
  return validateLists(old, schema, '').length > 0 ? [] : errors;
}
