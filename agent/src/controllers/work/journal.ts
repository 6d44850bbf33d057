import {
  type AppliedResource,
  AppliedWork,
  apiVersionOf,
  boundedName,
  type ResourceType,
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
export function appliedWorkName(hubUID: string, { namespace, name }: WorkRef): string {
  return boundedName(`${namespace}.${name}.${hubUID}`, 253);
}

/** Metadata of a Work, as far as its name goes. */
interface WorkRef {
  readonly namespace?: string;
  readonly name?: string;
}

/** @param marks annotations that it begins with; undefined ones are left out */
export function newAppliedWork(
  hubUID: string,
  work: Work,
  marks: Readonly<Record<string, string | undefined>> = {},
): AppliedWork {
  const annotations = Object.fromEntries(
    Object.entries(marks).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  return {
    apiVersion: apiVersionOf(AppliedWork),
    kind: AppliedWork.kind,
    metadata: {
      name: appliedWorkName(hubUID, work.metadata),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
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

/** Key of the Work, on the hub that the agent serves. */
export const workKeyOf = ({ spec }: AppliedWork): string => `${spec.workNamespace}/${spec.workName}`;

/** The entry of an intended object; without a uid until it has been applied. WK-9 */
export function entryOf(manifest: ReadManifest, type: ResourceType, uid: string | undefined): AppliedResource {
  const { ordinal, gvk, namespace, name } = manifest;
  return { ordinal, ...gvk, resource: type.plural, namespace, name, ...(uid === undefined ? {} : { uid }) };
}

/** The journal split by what the Work wants now. */
export interface JournalView {
  readonly uidOf: (identity: string) => string | undefined;
  /** Entries that stay although nothing can be applied for them now: no Work is read wrongly at the cost of an object. */
  readonly kept: readonly AppliedResource[];
  /** Entries that no manifest maps to any more. WK-6, WK-33 */
  readonly removed: readonly AppliedResource[];
}

export interface Wanted {
  /** Identities of the manifests that are applied in this pass. */
  readonly intended: ReadonlySet<string>;
  /** Identities of manifests that cannot be applied now, for whatever reason: their objects stay. */
  readonly unusable: ReadonlySet<string>;
  /** Some manifest does not say which object it is about, so that nothing can be known to be unwanted. */
  readonly isUnclear: boolean;
}

export function viewJournal(applied: AppliedWork | undefined, { intended, unusable, isUnclear }: Wanted): JournalView {
  const entries = applied?.status?.appliedResources ?? [];
  const uids = new Map(entries.map((entry) => [identityOfResource(entry), entry.uid]));
  const others = entries.filter((entry) => !intended.has(identityOfResource(entry)));
  const stays = (entry: AppliedResource) => isUnclear || unusable.has(identityOfResource(entry));
  return {
    uidOf: (identity) => uids.get(identity),
    kept: others.filter(stays),
    removed: others.filter((entry) => !stays(entry)),
  };
}
