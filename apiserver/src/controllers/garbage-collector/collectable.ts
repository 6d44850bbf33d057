import type { OwnerReference } from '@quarterdeck/apis';
import {
  foregroundFinalizer,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  orphanFinalizer,
} from '@quarterdeck/machinery';
import { readStoredObject } from '../../authz/stored-object.ts';
import type { Entry } from '../../cache/store.ts';
import type { StorageKey } from '../../storage/storage.ts';

/** What the collector has to know of an object. */
export interface Collectable {
  readonly key: StorageKey;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isDeleting: boolean;
}

export function readCollectable(entry: Entry): Collectable {
  const { metadata } = readStoredObject(entry);
  const meta = isJsonObject(metadata) ? metadata : {};
  return {
    key: entry.key,
    uid: entry.index.uid,
    resourceVersion: String(entry.revision),
    owners: ownersOf(meta.ownerReferences),
    finalizers: Array.isArray(meta.finalizers) ? meta.finalizers.filter((name) => typeof name === 'string') : [],
    isDeleting: meta.deletionTimestamp !== undefined,
  };
}

/** Whether the collector may have something to do for an object, told from its bytes. */
export function mayConcern(entry: Entry): boolean {
  if (entry.index.ownerUids.length > 0) return true;
  const { body } = entry;
  if (!body.includes('"deletionTimestamp"')) return false;
  return body.includes(`"${foregroundFinalizer}"`) || body.includes(`"${orphanFinalizer}"`);
}

function ownersOf(value: JsonValue | undefined): OwnerReference[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((reference: JsonObject) => ({
    apiVersion: text(reference.apiVersion),
    kind: text(reference.kind),
    name: text(reference.name),
    uid: text(reference.uid),
    ...(typeof reference.controller === 'boolean' ? { controller: reference.controller } : {}),
    ...(typeof reference.blockOwnerDeletion === 'boolean' ? { blockOwnerDeletion: reference.blockOwnerDeletion } : {}),
  }));
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
