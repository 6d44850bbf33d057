import { union } from './field-set.ts';
import { compareTimes, type Owner, type OwnerId, type Owners, ownerId } from './owners.ts';
import { compareText } from './text.ts';

/** How many entries of updates an object keeps apart. KA-77 */
const maxUpdateOwners = 10;

/**
 * Merges the oldest entries of updates into one `ancient-changes` per API version until no more than
 * {@link maxUpdateOwners} are left, or nothing can be merged. Entries of apply are never touched. KA-77
 */
export function capUpdateOwners(owners: Owners): Owners {
  const updates = [...owners].filter(([, owner]) => owner.operation === 'Update');
  if (updates.length <= maxUpdateOwners) return owners;
  updates.sort(([idA, a], [idB, b]) => compareTimes(a, b) || compareText(idA, idB));

  const capped = new Map(owners);
  const firstOfVersion = new Map<string, OwnerId>();
  let count = updates.length;
  for (const [id, owner] of updates) {
    if (count <= maxUpdateOwners) break;
    const first = firstOfVersion.get(owner.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(owner.apiVersion, id);
      continue;
    }
    mergeInto(capped, first, id, owner);
    count--;
  }
  return capped;
}

/**
 * The first entry of a version becomes the bucket when a second one has to go into it; unless there is a bucket, which
 * then takes the second one alone.
 */
function mergeInto(capped: Map<OwnerId, Owner>, first: OwnerId, id: OwnerId, owner: Owner): void {
  const { time: _, ...untimed } = owner;
  const bucket: Owner = { ...untimed, manager: 'ancient-changes', subresource: '' };
  const bucketId = ownerId(bucket);
  const otherId = id !== bucketId && capped.has(bucketId) ? bucketId : first;
  const other = capped.get(otherId);
  capped.delete(otherId);
  capped.delete(id);
  capped.set(bucketId, {
    ...bucket,
    fields: other === undefined ? owner.fields : union(owner.fields, other.fields),
    // The merged update is the youngest so far.
    ...(owner.time === undefined ? {} : { time: owner.time }),
  });
}
