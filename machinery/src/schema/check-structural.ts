import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '../wire/value.ts';
import { defaultErrors } from './check-defaults.ts';
import { isUnreadable, keywordErrors } from './check-keywords.ts';
import { shapeErrors } from './check-shape.ts';
import { spineErrors } from './check-spine.ts';
import { byCodePoint } from './go-text.ts';
import { parseStructural } from './parse-structural.ts';

/**
 * Checks that the OpenAPI v3 schema of a CRD version is structural and uses only what CRDs may use, in Kubernetes'
 * words. CEL expressions are not looked at. KA-96, KA-99, KA-100
 *
 * @param path of the schema in its CRD, for example `spec.validation.openAPIV3Schema`
 * @returns the errors of the types of keywords, if any; otherwise first the sorted errors of the structure (or, where it is sound, of the defaults), then of the keywords
 */
export function checkStructural(schema: JsonObject, path: string): FieldError[] {
  const shape = shapeErrors(schema, path);
  return shape.length > 0 ? shape : [...structureErrors(schema, path), ...keywordErrors(schema, path)];
}

function structureErrors(schema: JsonObject, path: string): FieldError[] {
  // Keywords that make a schema unreadable are reported as keywords.
  if (isUnreadable(schema)) return [];
  const spine = spineErrors(schema, path);
  if (spine.length === 0) return defaultErrors(parseStructural(schema), path);
  const line = (error: FieldError) => `${error.field}: ${error.message}`;
  return spine.sort((a, b) => byCodePoint(line(a), line(b)));
}
