import { hash } from 'node:crypto';
import {
  type GroupVersionKind,
  type Manifest,
  ManifestReason,
  manifestOnlyPolicies,
  parseApiVersion,
  policyAnnotation,
  systemNamespace,
  type Work,
  workOnlyPolicies,
} from '@quarterdeck/apis';
import { encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { type ManifestPolicy, type PolicyTexts, policyTexts, readPolicy } from './policy.ts';

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
  readonly policy: ManifestPolicy;
  /** Of the content, order of keys aside; changes whenever there is something new to apply. */
  readonly hash: string;
}

/** A manifest that is not handed to the member. */
export interface RefusedManifest {
  readonly ok: false;
  readonly ordinal: number;
  readonly gvk?: GroupVersionKind;
  readonly namespace?: string;
  readonly name?: string;
  readonly problem: ManifestProblem;
}

export type ManifestEntry = { readonly ok: true; readonly manifest: ReadManifest } | RefusedManifest;

/** Identity without the version: a change of only the API version is no removal. WK-33 */
export function identityOf(object: { group: string; kind: string; namespace: string; name: string }): string {
  return `${object.kind}.${object.group}/${object.namespace}/${object.name}`;
}

/** Undefined when a manifest does not even say which object it is about. */
export function identityOfEntry(entry: ManifestEntry): string | undefined {
  const { gvk, namespace = '', name } = entry.ok ? entry.manifest : entry;
  return gvk === undefined || name === undefined ? undefined : identityOf({ ...gvk, namespace, name });
}

/** Identities of every manifest that says which object it is about, usable or not. Cheap: for indexes. */
export function identitiesOf(work: Work): string[] {
  return (work.spec?.workload?.manifests ?? []).flatMap(({ apiVersion, kind, metadata }) => {
    const { name, namespace = '' } = metadata ?? {};
    const parsed = typeof apiVersion === 'string' ? parseApiVersion(apiVersion) : undefined;
    if (parsed === undefined || typeof kind !== 'string' || typeof name !== 'string') return [];
    return [identityOf({ group: parsed.group, kind, namespace: String(namespace), name })];
  });
}

/**
 * Reads the manifests of a Work, in order. What is refused here never touches the member: WK-25, BI-23, DL-10. The first of
 * two manifests of one object stands, the later one is refused. Policy annotations of the Work are the manifests' defaults.
 */
export function readManifests(work: Work): ManifestEntry[] {
  const defaults = Object.fromEntries(
    Object.entries(policyTexts(work.metadata.annotations)).filter(
      ([name]) => !isWorkOnly(name) && !manifestOnlyPolicies.some((each) => each === name),
    ),
  );
  const seen = new Map<string, number>();
  return (work.spec?.workload?.manifests ?? []).map((manifest, ordinal) => {
    const entry = readManifest(manifest, ordinal, defaults);
    if (!entry.ok) return entry;
    const { gvk, namespace, name } = entry.manifest;
    const identity = identityOf({ ...gvk, namespace, name });
    const first = seen.get(identity);
    if (first !== undefined) return refuse({ ordinal, gvk, namespace, name }, `manifest ${first} is the same object`);
    seen.set(identity, ordinal);
    return entry;
  });
}

/**
 * The namespace that the agent lives in is not for Works: what runs there could use the agent's identity. Who is executed as a
 * named service account is bound by the member's rights alone. BI-24, SEC-4
 */
export function withoutOwnNamespace(entries: readonly ManifestEntry[]): ManifestEntry[] {
  return entries.map((entry) => {
    if (!entry.ok) return entry;
    const { ordinal, gvk, namespace, name } = entry.manifest;
    const isOwn =
      namespace === systemNamespace || (gvk.group === '' && gvk.kind === 'Namespace' && name === systemNamespace);
    return isOwn
      ? refuse({ ordinal, gvk, namespace, name }, `namespace ${systemNamespace} belongs to the agent`)
      : entry;
  });
}

export function refuse(which: Omit<RefusedManifest, 'ok' | 'problem'>, message: string): RefusedManifest {
  return { ok: false, ...which, problem: { reason: ManifestReason.InvalidManifest, message } };
}

const isWorkOnly = (name: string): boolean => workOnlyPolicies.some((each) => each === name);

function readManifest(manifest: Manifest, ordinal: number, defaults: PolicyTexts): ManifestEntry {
  const { apiVersion, kind } = manifest;
  if (typeof apiVersion !== 'string' || apiVersion === '') return refuse({ ordinal }, 'apiVersion is missing');
  if (typeof kind !== 'string' || kind === '') return refuse({ ordinal }, 'kind is missing');
  const parsed = parseApiVersion(apiVersion);
  if (parsed === undefined) return refuse({ ordinal }, `apiVersion ${apiVersion} is not a group and a version`);
  const gvk = { ...parsed, kind };
  if (kind.endsWith('List') && Array.isArray(manifest.items))
    return refuse({ ordinal, gvk }, 'a list is not one object');
  const metadata: JsonObject = isJsonObject(manifest.metadata as JsonValue) ? (manifest.metadata as JsonObject) : {};
  const { name, namespace = '', generateName } = metadata;
  if (generateName !== undefined)
    return refuse({ ordinal, gvk }, 'metadata.generateName is not possible: set metadata.name');
  if (typeof name !== 'string' || name === '') return refuse({ ordinal, gvk }, 'metadata.name is missing');
  if (typeof namespace !== 'string') return refuse({ ordinal, gvk }, 'metadata.namespace is not a string');
  const own = policyTexts(metadata.annotations);
  const misplaced = Object.keys(own).find(isWorkOnly);
  if (misplaced !== undefined)
    return refuse({ ordinal, gvk, namespace, name }, `annotation ${misplaced} belongs on the Work, not on a manifest`);
  const texts = { ...defaults, ...own };
  const policy = readPolicy(texts);
  if ('problem' in policy) return refuse({ ordinal, gvk, namespace, name }, policy.problem);
  const secretProblem = problemOfSecret(manifest as unknown as JsonObject, policy);
  if (secretProblem !== undefined) return refuse({ ordinal, gvk, namespace, name }, secretProblem);
  const object = strip(manifest as unknown as JsonObject, metadata, texts);
  return { ok: true, manifest: { ordinal, gvk, namespace, name, object, policy, hash: contentHash(object) } };
}

/** Data of a Secret comes by reference, and only into a Secret. Admission says so too, where it is ours. DL-31 */
function problemOfSecret(
  { apiVersion, kind, data, stringData }: JsonObject,
  { secretDataFrom }: ManifestPolicy,
): string | undefined {
  const annotation = policyAnnotation.secretDataFrom;
  if (apiVersion !== 'v1' || kind !== 'Secret')
    return secretDataFrom === undefined ? undefined : `annotation ${annotation} belongs on manifests of Secrets`;
  if (data === undefined && stringData === undefined) return undefined;
  return `data of a Secret stands in no Work: keep it in a Secret beside the Work on the hub, and name that with the annotation ${annotation}`;
}

/**
 * Server-side fields and status say nothing about what is wanted (WK-25). The policy in force goes onto the object, where
 * the agent reads it when the manifest is gone.
 */
function strip({ status: _status, ...rest }: JsonObject, metadata: JsonObject, policies: PolicyTexts): JsonObject {
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
  } = metadata;
  if (Object.keys(policies).length === 0) return { ...rest, metadata: meta };
  const annotations = { ...(meta.annotations as JsonObject | undefined), ...policies };
  return { ...rest, metadata: { ...meta, annotations } };
}

/** Of the content, order of keys aside. 16 hex characters are enough to tell two versions of one manifest apart. */
export function contentHash(value: JsonValue): string {
  return hash('sha256', encodeJson(sorted(value)), 'hex').slice(0, 16);
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
