import { invalid } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { Strategy } from '../../registry/definition.ts';
import { stringAt } from '../../registry/fields.ts';
import { metadataWarnings, validateMetadata, validateMetadataUpdate } from '../../registry/metadata.ts';
import { schemaErrors } from '../schema-pass.ts';
import type { RequestScope } from '../scope.ts';

/** A part may have a rule of its own, and an order has made sure by itself of what it needs. */
function updateRule({ info, resource }: RequestScope): Strategy['validateUpdate'] {
  const subresource = resource.version.subresources[info.subresource];
  if (subresource?.type === 'order') return undefined;
  const { validateUpdate } = resource.definition.strategy;
  return subresource?.type === 'part' ? (subresource.validateUpdate ?? validateUpdate) : validateUpdate;
}

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
          ...((old === undefined ? strategy.validateCreate?.(object) : updateRule(scope)?.(object, old)) ?? []),
        ];
  const found = [...metadata, ...schema, ...own];
  const errors = [...found, ...(strategy.rules?.(object, old, found, (text) => scope.warnings.add(text)) ?? [])];
  if (errors.length > 0) throw invalid(definition, stringAt(object, 'metadata', 'name'), errors);
  for (const text of [...metadataWarnings(object, definition), ...(strategy.warnings?.(object, old) ?? [])]) {
    scope.warnings.add(text);
  }
}
