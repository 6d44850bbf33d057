import { annotation, type MemberCluster, type Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

/** For how long a registration that came to nothing is kept after the cluster last asked, in hours. RG-5 */
const keptHours = { Pending: 24, Denied: 7 * 24 } as const;

/** How long one is kept, for people; undefined: as long as nobody deletes it. */
export function keptFor({ metadata, spec, status }: MemberCluster): { readonly hours: number } | undefined {
  // What a person made stays a person's; and who has held a certificate may come back with objects on its cluster.
  if (metadata.annotations?.[annotation.requestedBy] === undefined) return undefined;
  if (spec.acceptance === 'Accepted' || status?.clusterUID !== undefined) return undefined;
  return { hours: keptHours[spec.acceptance] };
}

/**
 * When a registration that nobody accepted is forgotten: some time after the cluster last asked, so that one that is denied
 * and goes on asking stays denied. RG-5
 * @param lastAsked when its latest request was made; undefined: none is known any more
 * @returns undefined: it is not
 */
export function ageOutAt(member: Stored<MemberCluster>, lastAsked: EpochMs | undefined): EpochMs | undefined {
  const kept = keptFor(member);
  if (kept === undefined) return undefined;
  const registered = Date.parse(member.metadata.creationTimestamp);
  return Math.max(registered, lastAsked ?? registered) + kept.hours * 3_600_000;
}
