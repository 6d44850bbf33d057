import { randomUUID } from 'node:crypto';
import { type EpochMs, equalValues, type JsonObject } from '@quarterdeck/machinery';
import { objectAt, valueAt, withValue } from '../../registry/fields.ts';
import { dedupeOwners } from '../../registry/metadata.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import type { RequestScope } from '../scope.ts';
import type { Warnings } from '../warnings.ts';

/** RFC 3339, UTC, whole seconds. KA-51 */
export function timeText(now: EpochMs): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

/** Whether `/status` exists, so that the main resource ignores status. KA-64 */
export function hasStatusSubresource({ version }: ResolvedResource): boolean {
  return Object.values(version.subresources).some((subresource) => subresource.type === 'status');
}

/** Metadata of a new object: what clients may not set goes, what the server sets comes. KA-42, KA-44 */
export function systemFieldsForCreate(object: JsonObject, resource: ResolvedResource, now: EpochMs): JsonObject {
  const {
    uid: _uid,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    selfLink: _selfLink,
    generation: _generation,
    resourceVersion: _revision,
    ...meta
  } = objectAt(object, 'metadata');
  const { status, ...rest } = object;
  return {
    ...rest,
    ...(status === undefined || hasStatusSubresource(resource) ? {} : { status }),
    metadata: {
      ...meta,
      uid: randomUUID(),
      creationTimestamp: timeText(now),
      ...(resource.definition.strategy.hasGeneration ? { generation: 1 } : {}),
    },
  };
}

const keptFields = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
] as const;

/** Metadata of an update: the server's own fields stay as they are stored. KA-50 */
export function systemFieldsForUpdate(next: JsonObject, live: JsonObject): JsonObject {
  const {
    uid: _uid,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    selfLink: _selfLink,
    ...metadata
  } = objectAt(next, 'metadata');
  const liveMeta = objectAt(live, 'metadata');
  for (const field of keptFields) {
    const value = valueAt(liveMeta, field);
    if (value !== undefined) metadata[field] = value;
  }
  metadata.resourceVersion = liveMeta.resourceVersion ?? '';
  return { ...next, metadata };
}

/** Drops doubled owner references with a warning. KA-48 */
export function withDistinctOwners(object: JsonObject, warnings: Warnings): JsonObject {
  const { meta, dropped } = dedupeOwners(objectAt(object, 'metadata'));
  if (!dropped) return object;
  warnings.add('metadata.ownerReferences: duplicate owner references were dropped');
  return { ...object, metadata: meta };
}

/** One more when anything outside metadata (and status, where it is separate) changed. KA-44 */
export function withGeneration(
  next: JsonObject,
  live: JsonObject,
  { resource, info }: Pick<RequestScope, 'resource' | 'info'>,
): JsonObject {
  const { hasGeneration, alsoCounts } = resource.definition.strategy;
  if (!hasGeneration) return next;
  const ignored = ['metadata', 'apiVersion', 'kind', ...(hasStatusSubresource(resource) ? ['status'] : [])];
  const isSame = equalValues(without(next, ignored), without(live, ignored));
  const isSameBeside = info.subresource !== '' || equalValues(alsoCounts?.(next), alsoCounts?.(live));
  if (isSame && isSameBeside) return next;
  return withValue(next, ['metadata', 'generation'], Number(valueAt(live, 'metadata', 'generation') ?? 0) + 1);
}

function without(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !fields.includes(key)));
}
