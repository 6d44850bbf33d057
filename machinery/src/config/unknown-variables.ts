/**
 * What Kubernetes gives containers for each Service of their namespace, as `QUARTERDECK_HUB_SERVICE_HOST`: nobody wrote these, and
 * a Service may well be called quarterdeck.
 */
const ofServices = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/**
 * Variables that look like ours and are none, one readable line each, with the one that was probably meant: what is mistyped has
 * no effect, and would not be missed. Sorted. Empty ones count as not set.
 * @param known names that some program of ours reads
 * @param prefix default `QUARTERDECK`
 */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  known: Iterable<string>,
  prefix = 'QUARTERDECK',
): readonly string[] {
  const names = [...new Set(known)].sort();
  return Object.keys(env)
    .filter((name) => name.startsWith(`${prefix}_`) && env[name] !== undefined && env[name] !== '')
    .filter((name) => !names.includes(name) && !ofServices.test(name))
    .sort()
    .map((name) => {
      const nearest = nearestTo(name, names);
      const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
      return `the environment variable ${name} is not known and has no effect${hint}`;
    });
}

/** One that more than a third would have to be changed of is not what was meant. */
function nearestTo(name: string, names: readonly string[]): string | undefined {
  const start = name.indexOf('_') + 1;
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
