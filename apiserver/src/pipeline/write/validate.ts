import { invalid } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { stringAt } from '../../registry/fields.ts';
import { metadataWarnings, validateMetadata, validateMetadataUpdate } from '../../registry/metadata.ts';
import { schemaErrors } from '../schema-pass.ts';
import type { RequestScope } from '../scope.ts';

/**
 * Everything that must hold of an object about to be stored: metadata, schema, and the kind's own rules.
 * @throws ApiError Invalid with all errors
 */
export function validateObject(scope: RequestScope, object: JsonObject, old?: JsonObject): void {
  const { definition } = scope.resource;
  const { strategy } = definition;
  const metadata = [
    ...validateMetadata(object, definition),
    ...(old === undefined ? [] : validateMetadataUpdate(object, old)),
  ];
  const schema = schemaErrors(object, scope.resource, old);
  // Rules of the kind read a well-formed object only.
  const own =
    schema.length > 0
      ? []
      : [
          ...(strategy.validate?.(object) ?? []),
          ...((old === undefined ? strategy.validateCreate?.(object) : strategy.validateUpdate?.(object, old)) ?? []),
        ];
  const found = [...metadata, ...schema, ...own];
  const errors = [...found, ...(strategy.rules?.(object, old, found, (text) => scope.warnings.add(text)) ?? [])];
  if (errors.length > 0) throw invalid(definition, stringAt(object, 'metadata', 'name'), errors);
  for (const text of [...metadataWarnings(object, definition), ...(strategy.warnings?.(object) ?? [])]) {
    scope.warnings.add(text);
  }
}
