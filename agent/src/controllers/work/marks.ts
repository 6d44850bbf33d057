import {
  AppliedWork,
  annotation,
  apiVersionOf,
  type KubeObject,
  label,
  labelValueOf,
  type OwnerReference,
  type Stored,
} from '@quarterdeck/apis';
import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import type { ReadManifest } from './manifest.ts';

/** The marks that an applied object carries: label for watches, hash of the manifest, and its owners. DL-6, DL-20, WK-30 */

/** Kinds that the member's garbage collector must never take: they hold what others put there. DL-6 */
export function isContainerKind({ group, kind }: { group: string; kind: string }): boolean {
  return (
    (group === '' && kind === 'Namespace') || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
  );
}

const appliedWorkVersion = apiVersionOf(AppliedWork);

/** References to AppliedWorks, of whatever Work. */
export function ownersOf(object: KubeObject | undefined): OwnerReference[] {
  return (object?.metadata.ownerReferences ?? []).filter(
    ({ apiVersion, kind }) => kind === AppliedWork.kind && apiVersion === appliedWorkVersion,
  );
}

function ownerReference(applied: Stored<AppliedWork>): OwnerReference {
  return {
    apiVersion: appliedWorkVersion,
    kind: AppliedWork.kind,
    name: applied.metadata.name,
    uid: applied.metadata.uid,
    blockOwnerDeletion: false,
  };
}

/**
 * What is sent for a manifest. References of other Works that share the object are sent along, in the order they stand in,
 * because they belong to the same field manager and would go otherwise; and the label stays with the Work that came first.
 * So Works that share an object agree on every byte of it, and never write it in turns. DL-5
 * @param manifest `content` is what is sent of it: fields that are ignored are left out
 * @param live undefined when the object is not there
 */
export function markedObject(
  { content, ...manifest }: ReadManifest & { readonly content: JsonObject; readonly onChangeHash?: string | undefined },
  applied: Stored<AppliedWork>,
  live: KubeObject | undefined,
): JsonObject {
  const metadata = content.metadata as JsonObject;
  const owned = !isContainerKind(manifest.gvk) && manifest.policy.deletionPolicy === 'Delete';
  const owners = ownersWith(live, applied, owned);
  const labelOwner = live?.metadata.labels?.[label.appliedWork] ?? labelValueOf(applied.metadata.name);
  return {
    ...content,
    metadata: {
      ...metadata,
      labels: { ...(metadata.labels as JsonObject | undefined), [label.appliedWork]: labelOwner },
      annotations: {
        ...(metadata.annotations as JsonObject | undefined),
        [annotation.manifestHash]: manifest.hash,
        ...(manifest.onChangeHash === undefined ? {} : { [annotation.onChangeHash]: manifest.onChangeHash }),
      },
      ...(owners.length === 0 ? {} : { ownerReferences: owners as unknown as JsonValue }),
    },
  };
}

function ownersWith(live: KubeObject | undefined, applied: Stored<AppliedWork>, owned: boolean): OwnerReference[] {
  const owners = ownersOf(live);
  const isMine = ({ uid }: OwnerReference) => uid === applied.metadata.uid;
  if (!owned) return owners.filter((owner) => !isMine(owner));
  const mine = ownerReference(applied);
  return owners.some(isMine) ? owners.map((owner) => (isMine(owner) ? mine : owner)) : [...owners, mine];
}

/** Who may write a live object: we, we together with others, or not we. WK-31, WK-32, DL-5 */
export type Ownership = { readonly ours: true } | { readonly ours: false; readonly otherWork: string | undefined };

/**
 * The label says who came first, and the first owner decides what the object holds. Others share it as long as their
 * manifest is equal; an owner reference alone gives no say, or two Works that drifted apart would write in turns.
 */
export function ownershipOf(
  live: Stored<KubeObject>,
  manifest: ReadManifest,
  applied: Stored<AppliedWork>,
  journalUid: string | undefined,
): Ownership {
  const first = live.metadata.labels?.[label.appliedWork];
  if (first === labelValueOf(applied.metadata.name)) return { ours: true };
  const isShared = live.metadata.annotations?.[annotation.manifestHash] === manifest.hash;
  if (first !== undefined) return isShared ? { ours: true } : { ours: false, otherWork: first };
  // Somebody took the label away: the references and the journal still tell.
  const owners = ownersOf(live);
  if (owners.some(({ uid }) => uid === applied.metadata.uid)) return { ours: true };
  const [other] = owners;
  if (other !== undefined) return isShared ? { ours: true } : { ours: false, otherWork: other.name };
  return journalUid === live.metadata.uid ? { ours: true } : { ours: false, otherWork: undefined };
}
