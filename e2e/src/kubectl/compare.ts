import type { Said } from './play.ts';
import type { KnownDifference, Recorded } from './table.ts';

/** One output that is not as recorded. */
export interface Difference {
  /** As {@link KnownDifference.at}. */
  readonly at: string;
  readonly line: string;
  readonly theirs: string;
  readonly ours: string;
}

const parts = ['code', 'stdout', 'stderr'] as const;

/** Everything that was said in other words than recorded. */
export function compareSaid(recorded: Recorded, played: Recorded): Difference[] {
  return Object.entries(played).flatMap(([name, said]) =>
    said.flatMap((ours, index) => compareLine(`${name}#${index}`, recorded[name]?.[index], ours)),
  );
}

function compareLine(at: string, theirs: Said | undefined, ours: Said): Difference[] {
  if (theirs?.line !== ours.line) {
    return [{ at: `${at} line`, line: ours.line, theirs: theirs?.line ?? 'not recorded', ours: ours.line }];
  }
  return parts.flatMap((part) => {
    const [said, wanted] = [String(ours[part]), String(theirs[part])];
    return said === wanted ? [] : [{ at: `${at} ${part}`, line: ours.line, theirs: wanted, ours: said }];
  });
}

/** Differences that have no reason, and reasons that no difference has any more; empty when all is well. */
export function judge(found: readonly Difference[], known: readonly KnownDifference[]): string[] {
  const reasons = new Set(known.map(({ at }) => at));
  const seen = new Set(found.map(({ at }) => at));
  return [
    ...found
      .filter(({ at }) => !reasons.has(at))
      .map(({ at, line, theirs, ours }) => `${at} (${line})\nKubernetes: ${theirs}\nours:       ${ours}`),
    ...[...reasons].filter((at) => !seen.has(at)).map((at) => `${at}: listed, and no difference any more`),
  ];
}
