import {
  type AppliedResource,
  AppliedWork,
  apiVersionOf,
  boundedName,
  type ResourceType,
  type Stored,
  type Work,
} from '@quarterdeck/apis';
import { identityOf, type ReadManifest } from './manifest.ts';

/**
 * The journal of one Work on the member: every object that was applied, or was about to be. It is written before the first
 * touch and after the last, so that a crash in between leaves nothing unaccounted. WK-29, DL-9
 */

/**
 * Name of the AppliedWork: from hub, namespace and name, since equal names in two hub namespaces, or of two hubs, must not
 * collide on one member.
 */
export function appliedWorkName(hubUID: string, work: Work): string {
  return boundedName(`${work.metadata.namespace}.${work.metadata.name}.${hubUID}`, 253);
}

export function newAppliedWork(hubUID: string, work: Work): AppliedWork {
  return {
    apiVersion: apiVersionOf(AppliedWork),
    kind: AppliedWork.kind,
    metadata: { name: appliedWorkName(hubUID, work) },
    spec: { workName: work.metadata.name ?? '', workNamespace: work.metadata.namespace ?? '' },
  };
}

export const identityOfResource = (resource: AppliedResource): string =>
  identityOf({
    group: resource.group ?? '',
    kind: resource.kind ?? '',
    namespace: resource.namespace ?? '',
    name: resource.name ?? '',
  });

/** The entry of an intended object; without a uid until it has been applied. WK-9 */
export function entryOf(manifest: ReadManifest, type: ResourceType, uid: string | undefined): AppliedResource {
  const { ordinal, gvk, namespace, name } = manifest;
  return { ordinal, ...gvk, resource: type.plural, namespace, name, ...(uid === undefined ? {} : { uid }) };
}

/** The journal split by what the Work wants now. */
export interface JournalView {
  readonly uidOf: (identity: string) => string | undefined;
  /** Entries that no manifest maps to any more. WK-6, WK-33 */
  readonly removed: readonly AppliedResource[];
}

/**
 * @param wanted identities of all manifests that could be read, whether or not they can be applied now: an object whose
 * manifest is merely unusable at the moment is not removed
 */
export function viewJournal(applied: Stored<AppliedWork> | undefined, wanted: ReadonlySet<string>): JournalView {
  const entries = applied?.status?.appliedResources ?? [];
  const uids = new Map(entries.map((entry) => [identityOfResource(entry), entry.uid]));
  return {
    uidOf: (identity) => uids.get(identity),
    removed: entries.filter((entry) => !wanted.has(identityOfResource(entry))),
  };
}
