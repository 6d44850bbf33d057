import type { FieldError } from '@quarterdeck/apis';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { invalidValue, requiredValue } from './field-error.ts';
import { joinPath, pathText } from './field-path.ts';
import { dns1035LabelProblems } from './names.ts';
import { objectMetaSchema } from './object-meta.ts';
import { objectMetaErrors } from './object-meta-rules.ts';
import { appendErrors, createOutcome } from './outcome.ts';
import type { StructuralSchema } from './structural.ts';
import { validateNode } from './validate-node.ts';
import { visitNodes } from './visit-nodes.ts';

/** Checks apiVersion, kind and metadata of the resources that stand inside a value. KA-97 */
export function validateEmbedded(value: JsonValue, schema: StructuralSchema, prefix: string): FieldError[] {
  const errors: FieldError[] = [];
  visitNodes(value, schema, (part, node, path) => {
    if (node['x-kubernetes-embedded-resource'] !== true || !isJsonObject(part)) return;
    appendErrors(errors, resourceErrors(part, joinPath(prefix, pathText(path))));
  });
  return errors;
}

function resourceErrors(object: JsonObject, path: string): FieldError[] {
  return [
    ...textErrors(getOwn(object, 'apiVersion'), `${path}.apiVersion`, (text) =>
      text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined,
    ),
    ...textErrors(getOwn(object, 'kind'), `${path}.kind`, (text) => {
      const problems = dns1035LabelProblems(text.toLowerCase());
      return problems.length === 0
        ? undefined
        : `may have mixed case, but should otherwise match: ${problems.join(',')}`;
    }),
    ...metadataErrors(getOwn(object, 'metadata'), `${path}.metadata`),
  ];
}

function textErrors(
  value: JsonValue | undefined,
  path: string,
  problem: (text: string) => string | undefined,
): FieldError[] {
  if (value === undefined) return [requiredValue(path)];
  if (typeof value !== 'string') return [invalidValue(path, value, 'must be a string')];
  if (value === '') return [invalidValue(path, value, 'must not be empty')];
  const why = problem(value);
  return why === undefined ? [] : [invalidValue(path, value, why)];
}

function metadataErrors(value: JsonValue | undefined, path: string): FieldError[] {
  if (value === undefined || value === null) return [];
  const outcome = createOutcome(path);
  validateNode(outcome, value, objectMetaSchema, undefined, undefined);
  if (outcome.errors.length > 0 || !isJsonObject(value)) return outcome.errors;
  return objectMetaErrors(value, path);
}
