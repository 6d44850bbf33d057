import type { EpochMs } from '@quarterdeck/machinery';
import { aspect } from '../../aspects.ts';
import { addBit, dropBits, keepBits, positionsOf } from '../../bits.ts';
import type { Taint } from '../../cluster-view.ts';
import type { Toleration } from '../../placement-request.ts';
import { evictionTime, untolerated } from '../../taints.ts';
import type { Filter } from './filter.ts';

/** Equal tolerations give equal text, so that placements share answers about taints. */
export const tolerationsKey = (tolerations: readonly Toleration[]): string =>
  tolerations
    .map(({ key = '', operator = 'Equal', value = '', effect = '' }) => `${key}\t${operator}\t${value}\t${effect}`)
    .sort()
    .join('\n');

/** Why taints keep a newcomer out; undefined: they do not. A toleration that has run out would only drive it away again. */
function obstacle(taints: readonly Taint[], tolerations: readonly Toleration[], now: EpochMs): string | undefined {
  const taint = untolerated(taints, tolerations, 'NoExecute') ?? untolerated(taints, tolerations, 'NoSchedule');
  if (taint !== undefined) return `it has the untolerated taint ${taint.key}=${taint.value}:${taint.effect}`;
  return evictionTime(taints, tolerations, now) <= now
    ? 'its NoExecute taint was tolerated for a time that is over'
    : undefined;
}

/** NoSchedule and NoExecute keep newcomers out. What NoExecute does to a chosen cluster is no filter. PL-8, PL-22 */
export const tainted: Filter = {
  name: 'Tainted',
  words: 'with untolerated taints',
  aspects: () => [aspect.taints],
  refuse: ({ taints }, { snapshot: { now }, request: { tolerations } }, chosen) =>
    chosen ? undefined : obstacle(taints, tolerations, now),
  passing({ snapshot: { fleet, now }, request: { tolerations } }) {
    const shared = fleet.where(
      `untainted ${tolerationsKey(tolerations)}`,
      [aspect.taints],
      ({ taints }) =>
        taints.length === 0 ||
        (untolerated(taints, tolerations, 'NoExecute') === undefined &&
          untolerated(taints, tolerations, 'NoSchedule') === undefined),
    );
    const timed = fleet.where('timed', [aspect.taints], ({ taints }) =>
      taints.some(({ effect }) => effect === 'NoExecute'),
    );
    const doubtful = timed.slice();
    keepBits(doubtful, shared);
    if (doubtful.every((word) => word === 0)) return shared;
    // What depends on the time is not shared.
    const bits = shared.slice();
    dropBits(bits, doubtful);
    for (const position of positionsOf(doubtful)) {
      if (obstacle(fleet.clusters[position]?.taints ?? [], tolerations, now) === undefined) addBit(bits, position);
    }
    return bits;
  },
};
