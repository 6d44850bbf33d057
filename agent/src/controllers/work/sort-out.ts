import { ApiError, apiVersionOf, ManifestReason, type ResourceType } from '@quarterdeck/apis';
import { isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { Discovery } from '../../member/discovery.ts';
import {
  identityOf,
  identityOfEntry,
  type ManifestEntry,
  type ReadManifest,
  type RefusedManifest,
  refuse,
} from './manifest.ts';
import type { ManifestResult } from './manifest-result.ts';
import type { Ordered } from './waves.ts';

/** A manifest that can be handled now, and where. */
export interface Applicable extends Ordered {
  readonly manifest: ReadManifest;
  readonly type: ResourceType;
  readonly identity: string;
  /** False for strategies that never write. DL-2 */
  readonly isOwned: boolean;
}

export interface Sorted {
  readonly applicable: readonly Applicable[];
  /** Of the manifests that cannot be handled now, by ordinal. */
  readonly results: Map<number, ManifestResult>;
  /** Some manifest does not say which object it is about. */
  readonly isUnclear: boolean;
}

/** Manifests that the member can be asked for, and those that it cannot. WK-25, F-24 @throws ApiError when nothing can be told */
export async function sortOut(
  discovery: Discovery,
  entries: readonly ManifestEntry[],
  signal: AbortSignal,
): Promise<Sorted> {
  const applicable: Applicable[] = [];
  const results = new Map<number, ManifestResult>();
  let isUnclear = false;
  let failure: ApiError | undefined;
  const give = (entry: RefusedManifest) => results.set(entry.ordinal, refusedResult(entry));
  for (const entry of entries) {
    if (!entry.ok) {
      isUnclear ||= identityOfEntry(entry) === undefined;
      give(entry);
      continue;
    }
    const { manifest } = entry;
    const { ordinal, gvk, namespace, name } = manifest;
    let type: ResourceType | undefined;
    let why = `the member does not serve ${gvk.kind} at ${apiVersionOf(gvk)}`;
    try {
      type = await discovery.resourceOf(gvk, signal);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure = error;
      why = `the member cannot say whether it serves ${gvk.kind} at ${apiVersionOf(gvk)}: ${error.message}`;
    }
    const misplaced = type === undefined ? undefined : scopeProblem(type, namespace);
    if (type === undefined) {
      give({ ok: false, ordinal, gvk, namespace, name, problem: { reason: ManifestReason.UnknownKind, message: why } });
    } else if (misplaced !== undefined) {
      isUnclear = true; // with the wrong namespace it names the wrong object
      give(refuse({ ordinal, gvk, namespace, name }, misplaced));
    } else {
      applicable.push(applicableOf(manifest, type));
    }
  }
  // One group that is out of order holds up its own manifests only; when nothing can be told, the member is away. F-23
  if (failure !== undefined && applicable.length === 0) throw failure;
  return { applicable, results, isUnclear };
}

function applicableOf(manifest: ReadManifest, type: ResourceType): Applicable {
  const { ordinal, gvk, namespace, name, policy, object } = manifest;
  return {
    manifest,
    type,
    identity: identityOf({ ...gvk, namespace, name }),
    isOwned: policy.strategy !== 'ReadOnly' && policy.strategy !== 'ReportOnly',
    ordinal,
    gvk,
    namespace,
    name,
    wave: policy.wave,
    defines: gvk.kind === 'CustomResourceDefinition' ? definedBy(object.spec) : undefined,
  };
}

function definedBy(spec: JsonValue | undefined) {
  if (!isJsonObject(spec)) return undefined;
  const kind = isJsonObject(spec.names) ? spec.names.kind : undefined;
  return typeof spec.group === 'string' && typeof kind === 'string' ? { group: spec.group, kind } : undefined;
}

/** A namespaced kind needs an explicit namespace, a cluster-scoped one has none. WK-25 */
function scopeProblem(type: ResourceType, namespace: string): string | undefined {
  if (type.scope === 'Namespaced' && namespace === '')
    return `metadata.namespace is missing: ${type.kind} lives in a namespace`;
  if (type.scope === 'Cluster' && namespace !== '')
    return `metadata.namespace must be absent: ${type.kind} is cluster-scoped`;
  return undefined;
}

function refusedResult({ ordinal, gvk, namespace, name, problem }: RefusedManifest): ManifestResult {
  const identifier = {
    ordinal,
    ...gvk,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return { identifier, gvk, problem };
}
