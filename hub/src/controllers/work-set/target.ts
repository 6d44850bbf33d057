import { label, type Placement, type PlacementDecision, type Stored } from '@quarterdeck/apis';

/** Where a WorkSet shall run. */
export type Target =
  | { readonly known: true; readonly clusters: readonly string[] }
  | { readonly known: false; readonly reason: 'PlacementNotFound' | 'NoDecision'; readonly message: string };

/**
 * Reads a decision from its slices. Not knowing is never "nowhere": a missing placement, a decision that is not there yet,
 * or slices of mixed revisions leave what is delivered as it is. DL-44, PD-19, PD-21, PD-23
 */
export function readTarget(
  placementName: string,
  placement: Stored<Placement> | undefined,
  slices: readonly Stored<PlacementDecision>[],
): Target {
  const unknown = (reason: 'PlacementNotFound' | 'NoDecision', message: string): Target => ({
    known: false,
    reason,
    message,
  });
  if (placement === undefined)
    return unknown('PlacementNotFound', `there is no Placement ${placementName}; what is delivered stays`);
  const own = slices.filter(({ metadata }) => metadata.labels?.[label.decisionKey] === placement.metadata.uid);
  if (own.length === 0)
    return unknown('NoDecision', `Placement ${placementName} has no decision yet; what is delivered stays`);
  const expected = placement.status?.decisionSlices?.map(({ name }) => name) ?? [];
  const present = new Set(own.map(({ metadata }) => metadata.name));
  const revisions = new Set(own.map(({ metadata }) => metadata.labels?.[label.decisionRevision]));
  if (revisions.size > 1 || expected.some((name) => !present.has(name))) {
    return unknown(
      'NoDecision',
      `the decision of Placement ${placementName} is being rewritten; what is delivered stays`,
    );
  }
  const names = own.flatMap(({ decisions }) => decisions.map(({ clusterProfileRef }) => clusterProfileRef.name));
  return { known: true, clusters: [...new Set(names)].sort() };
}
