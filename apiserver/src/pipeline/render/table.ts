import { badRequest } from '@quarterdeck/apis';
import { type EpochMs, encodeJson, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { Column } from '../../registry/definition.ts';
import { objectAt } from '../../registry/fields.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import type { ServedObject } from '../served.ts';
import { ageOf } from './age.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @throws ApiError BadRequest */
export function parseIncludeObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: ${encodeJson(text)}`);
}

export interface TableOptions {
  readonly resource: ResolvedResource;
  readonly metaVersion: 'v1' | 'v1beta1';
  readonly include: IncludeObject;
  readonly now: EpochMs;
}

/** A Table without rows: its frame. KA-32 */
export function tableHead(metadata: JsonObject, columns: readonly Column[], metaVersion: string): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format: format ?? (name === 'Name' ? 'name' : ''),
      description,
      priority,
    })),
  };
}

export function tableRow(object: ServedObject, options: TableOptions): JsonObject {
  const value = object.value();
  return {
    cells: options.resource.version.columns.map((column) => cellOf(column, value, options)),
    object: shownInRow(value, options),
  };
}

/** Built-in printers say what is missing, and write times as they mean them; columns of custom kinds stay empty, as kubectl users know them. */
function cellOf(column: Column, object: JsonObject, { resource, now }: TableOptions): JsonValue {
  const value = column.value(object, now);
  const builtin = resource.definition.origin === 'builtin';
  if (builtin) return value ?? '<none>';
  if (value === undefined) return null;
  return column.type === 'date' ? ageOf(String(value), now) : value;
}

/** What a row carries of its object, as the client asked. */
export function shownInRow(
  value: JsonObject,
  { include, metaVersion }: Pick<TableOptions, 'include' | 'metaVersion'>,
): JsonValue {
  if (include === 'None') return null;
  return include === 'Object' ? value : partialMetadata(value, metaVersion);
}

/** KA-33 */
export function partialMetadata(value: JsonObject, metaVersion: string): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: objectAt(value, 'metadata'),
  };
}
