import { apiVersionOf } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, trackUpdate } from '@quarterdeck/machinery';
import type { RequestScope } from '../scope.ts';
import { timeText } from './system-fields.ts';

/** Fields that a request to this resource or subresource may not own, as path prefixes. KA-73 */
export function resetPathsOf(scope: Pick<RequestScope, 'resource' | 'info'>): readonly (readonly string[])[] {
  const { subresources } = scope.resource.version;
  const hasStatus = Object.values(subresources).some((subresource) => subresource.type === 'status');
  if (!hasStatus) return [];
  if (scope.info.subresource !== 'status') return [['status']];
  return Object.keys(scope.resource.version.schema.properties ?? {})
    .filter((field) => !['apiVersion', 'kind', 'metadata', 'status'].includes(field))
    .map((field) => [field]);
}

/** Brings managedFields up to date with what this request changed. KA-72, KA-75 */
export function track(
  scope: RequestScope,
  live: JsonObject | undefined,
  next: JsonObject,
  fieldManager: string,
): JsonObject {
  const { definition, version } = scope.resource;
  return trackUpdate({
    live,
    next,
    schema: version.schema,
    manager: fieldManager,
    apiVersion: apiVersionOf({ group: definition.group, version: version.name }),
    subresource: scope.info.subresource,
    now: timeText(scope.now),
    resetPaths: resetPathsOf(scope),
  });
}

/** Copies managedFields from one state of the object to a later one. */
export function withManagedFields(object: JsonObject, source: JsonObject): JsonObject {
  const fields = isJsonObject(source.metadata) ? source.metadata.managedFields : undefined;
  const { managedFields: _old, ...meta } = isJsonObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: fields === undefined ? meta : { ...meta, managedFields: fields } };
}
