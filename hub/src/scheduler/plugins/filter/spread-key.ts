import { aspect } from '../../aspects.ts';
import { allBits, type Bits, keepBits } from '../../bits.ts';
import type { ClusterView } from '../../cluster-view.ts';
import type { SpreadRule } from '../../placement-request.ts';
import { propertyOf } from '../../properties.ts';
import { propertyAspects } from '../../suitability.ts';
import type { Filter } from './filter.ts';

/** The domain of a cluster under a rule; undefined: it does not have the key. PL-14 */
export function domainOf({ source, topologyKey }: SpreadRule, cluster: ClusterView): string | undefined {
  if (source === 'Property') return propertyOf(cluster, topologyKey);
  return Object.hasOwn(cluster.labels, topologyKey) ? cluster.labels[topologyKey] : undefined;
}

/** What of a cluster its domain depends on. */
export const spreadAspects = ({ source, topologyKey }: SpreadRule): string[] =>
  source === 'Property' ? propertyAspects([{ name: topologyKey }]) : [aspect.label(topologyKey)];

const demanding = (rules: readonly SpreadRule[]) => rules.filter(({ hard, exemptsMissing }) => hard && !exemptsMissing);

/** Clusters without the key of a hard rule cannot be counted. A property that a chosen one lost is unknown: it stays. PL-6, PL-14 */
export const spreadKey: Filter = {
  name: 'NoSpreadKey',
  words: 'without a spread key',
  aspects: ({ spread }) => demanding(spread).flatMap(spreadAspects),
  refuse(cluster, { request: { spread } }, chosen) {
    const missing = demanding(spread).find(
      (rule) => domainOf(rule, cluster) === undefined && !(chosen && rule.source === 'Property'),
    );
    return missing === undefined
      ? undefined
      : `it has no ${missing.source.toLowerCase()} ${missing.topologyKey} to spread over`;
  },
  passing({ snapshot: { fleet }, request: { spread } }) {
    let bits: Bits | undefined;
    for (const rule of demanding(spread)) {
      bits ??= allBits(fleet.clusters.length);
      keepBits(
        bits,
        fleet.where(
          `has ${rule.source} ${rule.topologyKey}`,
          spreadAspects(rule),
          (cluster) => domainOf(rule, cluster) !== undefined,
        ),
      );
    }
    return bits;
  },
};
