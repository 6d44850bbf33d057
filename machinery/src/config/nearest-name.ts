/**
 * The known name that was probably meant by one that is mistyped; undefined when none is near: one that more than a third
 * would have to be changed of is not what was meant.
 * @param start how many letters all of them begin with. Default none
 */
export function nearestName(name: string, names: readonly string[], start = 0): string | undefined {
  const limit = Math.ceil((name.length - start) / 3);
  const [best] = names
    .map((each) => ({ each, away: editDistance(name, each) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away);
  return best?.each;
}

/** How many letters are to be put in, left out or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...b].entries()) {
      const changed = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
