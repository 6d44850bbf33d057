import type { MemberCluster, Stored, Work } from '@quarterdeck/apis';

/** A condition's message holds 32768 characters, an Event's 1024. */
const maxListed = 40;

/**
 * What may be left on a cluster that is removed without its agent, for people: `ConfigMap shop/settings, ...`, by what its
 * agent reported last. RG-41
 */
export function leftBehind({ spec }: MemberCluster, works: readonly Stored<Work>[]): string {
  const objects = works.flatMap(({ status }) =>
    (status?.manifestConditions ?? []).flatMap(({ identifier }) => {
      const { kind = '', namespace = '', name = '' } = identifier;
      return kind === '' || name === '' ? [] : [`${kind} ${namespace === '' ? name : `${namespace}/${name}`}`];
    }),
  );
  const unknown = works.filter(({ status }) => (status?.manifestConditions ?? []).length === 0).length;
  const unique = [...new Set(objects)].sort();
  const listed = unique.slice(0, maxListed).join(', ');
  const more = unique.length > maxListed ? ` and ${unique.length - maxListed} more` : '';
  const what = unique.length === 0 ? 'nothing was reported to be on it' : `may be left on it: ${listed}${more}`;
  const silent = unknown === 0 ? '' : `; ${unknown} Works never reported what they brought`;
  const wish = spec.deletionPolicy === 'Delete' ? '; they were to be deleted' : '';
  return `${what}${silent}${wish}`;
}
