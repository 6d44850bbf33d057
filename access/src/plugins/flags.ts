import { nearestName } from '@quarterdeck/machinery';

/**
 * Why a command line cannot be what was meant; undefined when it can. What is mistyped would have no effect, and another
 * member or account be asked for than the one named. RG-51
 * @param known flags of the plugin, each with a value behind it or after `=`
 */
export function flagProblem(args: readonly string[], known: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at++) {
    const given = args[at] ?? '';
    const [name = ''] = given.split('=', 1);
    if (!known.includes(name)) return `${name} is no flag of this plugin: ${hint(name, known)}`;
    if (name === given) at += 1;
  }
  return undefined;
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  return `there are ${known.join(', ')}`;
}
