import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonValue } from '../wire/value.ts';
import { invalidValue } from './field-error.ts';
import { createOutcome } from './outcome.ts';
import { pruneValue } from './prune.ts';
import { schemaFeatures } from './schema-features.ts';
import type { StructuralSchema } from './structural.ts';
import { validateEmbedded } from './validate-embedded.ts';
import { validateNode } from './validate-node.ts';

/**
 * Checks that each default is a good value of its own schema and has no unknown fields. Those below additionalProperties
 * are not looked at: Kubernetes accepts CRDs with bad ones there, and so they must be installable here. KA-99
 */
export function defaultErrors(schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const value = schema.default;
  if (value !== undefined && value !== null) {
    const at = `${path}.default`;
    const isRoot = schema['x-kubernetes-embedded-resource'] === true;
    // Lists of objects are pruned as the one field of an object that knows nothing else.
    const holder = { value };
    const known: StructuralSchema = { type: 'object', properties: { value: schema } };
    const { pruned } = isJsonObject(value) ? pruneValue(value, schema, { isRoot }) : pruneValue(holder, known);
    if (pruned.length > 0) errors.push(invalidValue(at, value, 'must not have unknown fields'));
    errors.push(...valueErrors(value, schema, at));
  }
  if (schema.items !== undefined) errors.push(...defaultErrors(schema.items, `${path}.items`));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    errors.push(...defaultErrors(child, `${path}.properties[${name}]`));
  }
  return errors;
}

/** First embedded resources, then the schema; sets and keyed lists with doubles are accepted, as Kubernetes does. */
function valueErrors(value: JsonValue, schema: StructuralSchema, at: string): FieldError[] {
  const embedded = schemaFeatures(schema).embedded ? validateEmbedded(value, schema, at) : [];
  if (embedded.length > 0) return embedded;
  const outcome = createOutcome(at);
  validateNode(outcome, value, schema, undefined, undefined);
  return outcome.errors;
}
