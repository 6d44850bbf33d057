import { beginningOf, matchesLabels } from '@quarterdeck/machinery';
import { aspect } from './aspects.ts';
import type { Bits } from './bits.ts';
import type { ClusterView } from './cluster-view.ts';
import type { FleetIndex } from './fleet-index.ts';
import type { PropertyRequirement, RequiredApi, Suitability, Verity } from './placement-request.ts';
import { meetsProperty, propertyOf } from './properties.ts';

/** What became of a cluster under one term, with the first thing that did not hold. */
export interface TermVerdict {
  readonly holds: Verity;
  /** For people, with the observed value; empty when everything holds. */
  readonly message: string;
}

/** Labels AND properties AND required kinds AND expression; unknown only where nothing is known to fail. PL-4, PL-6 */
export function judgeTerm(term: Suitability, cluster: ClusterView): TermVerdict {
  if (!matchesLabels(term.labels, cluster.labels)) {
    const failed = term.labels.find((requirement) => !matchesLabels([requirement], cluster.labels));
    return {
      holds: false,
      message: failed === undefined ? 'its labels do not match' : labelMessage(failed.key, cluster),
    };
  }
  let unknown: string | undefined;
  for (const requirement of term.properties) {
    const holds = meetsProperty(cluster, requirement);
    if (holds === false) return { holds, message: propertyMessage(requirement, cluster) };
    if (holds === undefined) unknown ??= propertyMessage(requirement, cluster);
  }
  for (const api of term.apis) {
    const holds = servesApi(cluster, api);
    if (holds === false) return { holds, message: `it does not serve ${apiName(api)}` };
    if (holds === undefined) unknown ??= `it is not known whether it serves ${apiName(api)}`;
  }
  if (term.expression !== undefined) {
    const outcome = term.expression.evaluate(cluster);
    if ('error' in outcome) unknown ??= `the expression yields nothing: ${outcome.error}`;
    else if (outcome.value === false) return { holds: false, message: 'the expression yields false' };
    else if (outcome.value !== true) unknown ??= `the expression yields ${outcome.value}, not a bool`;
  }
  return unknown === undefined ? { holds: true, message: '' } : { holds: undefined, message: unknown };
}

function labelMessage(key: string, { labels }: ClusterView): string {
  return Object.hasOwn(labels, key) ? `its label ${key} is ${labels[key] || 'empty'}` : `it has no label ${key}`;
}

function propertyMessage({ name, operator, values, type }: PropertyRequirement, cluster: ClusterView): string {
  const value = propertyOf(cluster, name);
  const wanted = `${operator}${values.length === 0 ? '' : ` ${values.join(', ')}`}`;
  return value === undefined
    ? `it reports no ${name} (wanted ${wanted})`
    : `its ${name} is ${beginningOf(value, 64)} (wanted ${wanted} as ${type})`;
}

const apiName = ({ group, version, kind }: RequiredApi): string =>
  `${[group, version].filter((part) => part !== undefined && part !== '').join('/') || 'v1'} ${kind}`;

function servesApi({ apis }: ClusterView, { group, version, kind }: RequiredApi): Verity {
  if (apis === undefined) return undefined;
  const served =
    version === undefined
      ? [...apis.kinds].some((each) => each.startsWith(`${group}/`) && each.endsWith(`/${kind}`))
      : apis.kinds.has(`${group}/${version}/${kind}`);
  if (served) return true;
  return apis.complete ? false : undefined;
}

/** What of a cluster a term reads. */
export function aspectsOf(term: Suitability): string[] {
  if (term.expression !== undefined) return [aspect.any];
  return [
    ...term.labels.map(({ key }) => aspect.label(key)),
    ...propertyAspects(term.properties),
    ...(term.apis.length === 0 ? [] : [aspect.apis]),
  ];
}

export const propertyAspects = (requirements: readonly { readonly name: string }[]): string[] =>
  requirements.flatMap(({ name }) =>
    name.includes('/') ? [aspect.property(name), aspect.capacity] : [aspect.property(name)],
  );

/** The clusters on which a term is known to hold. Equal terms of different placements share the answer. */
export function suitable(fleet: FleetIndex, term: Suitability): Bits {
  return fleet.where(`term ${term.key}`, aspectsOf(term), (cluster) => judgeTerm(term, cluster).holds === true);
}
