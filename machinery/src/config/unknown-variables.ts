import { nearestName } from './nearest-name.ts';

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
      const nearest = nearestName(name, names, prefix.length + 1);
      const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
      return `the environment variable ${name} is not known and has no effect${hint}`;
    });
}
