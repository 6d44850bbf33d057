import { apiVersionOf } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, trackUpdate } from '@quarterdeck/machinery';
import type { RequestScope } from '../scope.ts';
import { blankOf } from './blank.ts';
import { versionsOf } from './kind-versions.ts';
import { timeText } from './system-fields.ts';

/** Fields that a request to this resource or subresource may not own, as path prefixes. KA-73 */
export function resetPathsOf(scope: Pick<RequestScope, 'resource' | 'info'>): readonly (readonly string[])[] {
  const { definition, version } = scope.resource;
  const hasStatus = Object.values(version.subresources).some((subresource) => subresource.type === 'status');
  if (!hasStatus) return [];
  if (scope.info.subresource !== 'status') return [['status']];
  // Of a custom object, a status write takes no metadata either; see onlyStatus. KA-64
  const kept = definition.origin === 'custom' ? ['status'] : ['status', 'apiVersion', 'kind', 'metadata'];
  const others = Object.keys(version.schema.properties ?? {}).filter((field) => !kept.includes(field));
  const metadata = definition.strategy.statusKeeps ?? [];
  return [...others.map((field) => [field]), ...metadata.map((field) => ['metadata', field])];
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
    blank: live === undefined ? blankOf(scope.resource, scope.server.protobufTables) : undefined,
    next,
    schema: version.schema,
    manager: fieldManager,
    apiVersion: apiVersionOf({ group: definition.group, version: version.name }),
    subresource: scope.info.subresource,
    now: timeText(scope.now),
    resetPaths: resetPathsOf(scope),
    versions: versionsOf(scope),
  });
}

/** Copies managedFields from one state of the object to a later one. */
export function withManagedFields(object: JsonObject, source: JsonObject): JsonObject {
  const fields = isJsonObject(source.metadata) ? source.metadata.managedFields : undefined;
  const { managedFields: _old, ...meta } = isJsonObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: fields === undefined ? meta : { ...meta, managedFields: fields } };
}
