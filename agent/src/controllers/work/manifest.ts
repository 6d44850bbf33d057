import { createHash } from 'node:crypto';
import {
  type DeletionPolicy,
  type GroupVersionKind,
  type Manifest,
  ManifestReason,
  parseApiVersion,
  policyAnnotation,
} from '@quarterdeck/apis';
import { encodeJson, type JsonObject, type JsonValue } from '@quarterdeck/machinery';

/** Why a manifest cannot be handed to the member, in the words of its condition. */
export interface ManifestProblem {
  readonly reason: (typeof ManifestReason)[keyof typeof ManifestReason];
  readonly message: string;
}

/** A manifest that can be tried: named, stripped of what only a server may say. */
export interface ReadManifest {
  readonly ordinal: number;
  readonly gvk: GroupVersionKind;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** What to apply, without our own marks. */
  readonly object: JsonObject;
  readonly deletionPolicy: DeletionPolicy;
  /** Of the content, order of keys aside; changes whenever there is something new to apply. */
  readonly hash: string;
}

export type ManifestEntry =
  | { readonly ok: true; readonly manifest: ReadManifest }
  | {
      readonly ok: false;
      readonly ordinal: number;
      readonly gvk?: GroupVersionKind;
      readonly name?: string;
      readonly problem: ManifestProblem;
    };

/** Identity without the version: a change of only the API version is no removal. WK-33 */
export function identityOf(object: { group: string; kind: string; namespace: string; name: string }): string {
  return `${object.kind}.${object.group}/${object.namespace}/${object.name}`;
}

/**
 * Reads the manifests of a Work, in order. What is refused here never touches the member: WK-25, BI-23. The first of two
 * manifests of one object stands, the later one is refused.
 */
export function readManifests(manifests: readonly Manifest[]): ManifestEntry[] {
  const seen = new Map<string, number>();
  return manifests.map((manifest, ordinal) => {
    const entry = readManifest(manifest, ordinal);
    if (!entry.ok) return entry;
    const { gvk, namespace, name } = entry.manifest;
    const identity = identityOf({ ...gvk, namespace, name });
    const first = seen.get(identity);
    if (first !== undefined) return refuse(ordinal, `manifest ${first} is the same object`, gvk, name);
    seen.set(identity, ordinal);
    return entry;
  });
}

function refuse(ordinal: number, message: string, gvk?: GroupVersionKind, name?: string): ManifestEntry {
  return {
    ok: false,
    ordinal,
    ...(gvk === undefined ? {} : { gvk }),
    ...(name === undefined ? {} : { name }),
    problem: { reason: ManifestReason.InvalidManifest, message },
  };
}

function readManifest(manifest: Manifest, ordinal: number): ManifestEntry {
  const { apiVersion, kind, metadata } = manifest;
  if (typeof apiVersion !== 'string' || apiVersion === '') return refuse(ordinal, 'apiVersion is missing');
  if (typeof kind !== 'string' || kind === '') return refuse(ordinal, 'kind is missing');
  const parsed = parseApiVersion(apiVersion);
  if (parsed === undefined) return refuse(ordinal, `apiVersion ${apiVersion} is not a group and a version`);
  const gvk = { ...parsed, kind };
  if (kind.endsWith('List') && Array.isArray(manifest.items)) return refuse(ordinal, 'a list is not one object', gvk);
  const name = metadata?.name;
  if (typeof name !== 'string' || name === '') {
    const generated = (metadata as JsonObject | undefined)?.generateName !== undefined;
    return refuse(
      ordinal,
      generated ? 'metadata.generateName is not possible: set metadata.name' : 'metadata.name is missing',
      gvk,
    );
  }
  const policy = metadata?.annotations?.[policyAnnotation.deletionPolicy] ?? 'Delete';
  if (policy !== 'Delete' && policy !== 'Orphan') {
    return refuse(
      ordinal,
      `annotation ${policyAnnotation.deletionPolicy}: ${policy} is neither Delete nor Orphan`,
      gvk,
      name,
    );
  }
  const object = strip(manifest as unknown as JsonObject);
  const namespace = metadata?.namespace ?? '';
  return {
    ok: true,
    manifest: { ordinal, gvk, namespace, name, object, deletionPolicy: policy, hash: hashOf(object) },
  };
}

/** Server-side fields and status say nothing about what is wanted. WK-25 */
function strip(manifest: JsonObject): JsonObject {
  const { status: _status, metadata, ...rest } = manifest;
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    selfLink: _link,
    managedFields: _fields,
    ownerReferences: _owners,
    ...meta
  } = metadata as JsonObject;
  return { ...rest, metadata: meta };
}

/** 16 hex characters are enough to tell two versions of one manifest apart. */
function hashOf(object: JsonObject): string {
  return createHash('sha256')
    .update(encodeJson(sorted(object)))
    .digest('hex')
    .slice(0, 16);
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] as JsonValue)]),
  );
}
