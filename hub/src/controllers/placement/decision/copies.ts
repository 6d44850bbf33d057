import { annotation } from '@quarterdeck/apis';
import type { Choice } from '../../../scheduler/schedule.ts';
import { type Entry, keyOf, type Slice } from './layout.ts';

/**
 * Copies that chosen clusters were counted on for, kept with the decision: what is reserved is known after a restart, and by
 * another process of the hub that takes over. PL-16
 */
export interface DecisionCopies {
  /** For the annotation of a slice with these entries; undefined: the placement asks for no room. */
  textOf(entries: readonly Entry[]): string | undefined;
  /** The slices say another sum: what was asked for has changed, although perhaps no cluster has. */
  readonly isNews: boolean;
}

export function decisionCopies(existing: readonly Slice[], choices: readonly Choice[]): DecisionCopies {
  const known = new Map<string, number>();
  for (const { cluster, copies } of choices)
    if (copies !== undefined) known.set(`${cluster.profileNamespace}/${cluster.name}`, copies);
  const before = copiesIn(existing);
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  return {
    textOf: (entries) =>
      known.size === 0 ? undefined : entries.map((entry) => known.get(keyOf(entry)) ?? 0).join(','),
    // How a sum is divided moves with every capacity report: that alone is no write. PL-30
    isNews:
      known.size === 0 ? before !== undefined : before === undefined || sum(before.values()) !== sum(known.values()),
  };
}

/** By name of the cluster; undefined where no slice says it, or one says it in a way that cannot be. */
export function copiesIn(slices: readonly Slice[]): ReadonlyMap<string, number> | undefined {
  const copies = new Map<string, number>();
  for (const { metadata, decisions } of slices) {
    if (decisions.length === 0) continue;
    const text = metadata.annotations?.[annotation.decisionCopies];
    const counts = text?.split(',') ?? [];
    if (counts.length !== decisions.length || !counts.every((count) => /^[0-9]{1,9}$/.test(count))) return undefined;
    for (const [index, { clusterProfileRef }] of decisions.entries())
      copies.set(clusterProfileRef.name, Number(counts[index]));
  }
  return copies.size === 0 ? undefined : copies;
}
