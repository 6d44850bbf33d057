import {
  annotation,
  type KubeObject,
  label,
  labelValueOf,
  type Namespace,
  type Stored,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { type Controller, createController, createEchoes, Result, watching } from '@quarterdeck/machinery';
import { cacheKey, type FleetCaches } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { isMoreThanStatus } from '../../metadata.ts';
import { commitEach } from '../../writes.ts';
import {
  concernedByPlacement,
  concernedByProfile,
  followersOf,
  holdersOf,
  makerOf,
  memoryOf,
  observeWorkSet,
} from '../observe.ts';
import { decide } from './decide.ts';

/** A thousand Works that come or go bring a few visits: each looks at all of them. */
const gatherMs = 100;

/** WorkSets and decisions -> Works. DL-40 to DL-44 */
export function workSetDelivery(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const memory = memoryOf(caches);
  const echoes = createEchoes((object) => {
    const cache = object.kind === WorkSet.kind ? caches.workSets : caches.works;
    return cache.get(cacheKey(object));
  }, clock);
  return createController({
    ...fleet,
    name: 'workset.delivery',
    primary: caches.workSets,
    // Its status counts Works, and each visit looks at all of them.
    concerns: isMoreThanStatus,
    watches: [
      watching(caches.placements, (now, old) => concernedByPlacement(caches, now, old)),
      watching(caches.decisions, ({ metadata }) =>
        (metadata.ownerReferences ?? []).flatMap(({ name }) => followersOf(caches, metadata.namespace, name)),
      ),
      // Only what delivery reads of a Work: its spec and whether it is there. Status belongs to workset.status.
      watching(
        caches.works,
        (now, old) => (now.metadata.generation === old?.metadata.generation ? [] : makerOf(caches, now)),
        { gatherMs },
      ),
      // Who its WorkSets are executed as. DL-30
      watching(caches.namespaces, (now, old) =>
        executorOf(now) === executorOf(old) ? [] : workSetsIn(caches, now.metadata.name),
      ),
      // A profile that comes back opens its cluster again. PD-20
      watching(caches.profiles, (profile, old) => concernedByProfile(caches, profile, old === undefined)),
      // A member that opens again, after denial or after it came back, gets what waited for it.
      watching(caches.members, (now, old) =>
        old !== undefined && old.spec.acceptance === now.spec.acceptance
          ? []
          : holdersOf(caches, { name: now.metadata.name }),
      ),
    ],
    reconciler: {
      async reconcile(key, context) {
        // Works that this made and that are not shown yet would be made again, and refused.
        const waitMs = echoes.waitMs(key);
        if (waitMs !== undefined) return Result.after(waitMs);
        const now = clock.monotonic();
        const seen = observeWorkSet(key, { caches, memory, now });
        if (seen === undefined) return Result.done;
        const { writes, isLast } = decide(seen);
        if (isLast && (await hasWorks(fleet, seen.workSet, context.signal))) return Result.after(unseenMs);
        const written: Stored<KubeObject>[] = [];
        try {
          const onWritten = (object: Stored<KubeObject>) => void written.push(object);
          await commitEach(fleet, writes, { signal: context.signal, onWritten });
        } finally {
          echoes.expect(key, written);
        }
        const { lookAgainAt } = seen.target;
        return lookAgainAt === undefined ? Result.done : Result.after(Math.max(1, lookAgainAt - now));
      },
    },
  });
}

/** Before Works are looked for again that the cache does not show. */
const unseenMs = 1_000;

/** Asked of the hub, never of the cache alone: Works made a moment ago, also by another process, may not be shown yet. WK-34 */
async function hasWorks({ hubClient }: Fleet, { metadata }: Stored<WorkSet>, signal: AbortSignal): Promise<boolean> {
  const { namespace = '', name } = metadata;
  const labels = [
    [label.workSetNamespace, labelValueOf(namespace)],
    [label.workSet, labelValueOf(name)],
  ];
  const labelSelector = labels.map((pair) => pair.join('=')).join(',');
  return (await hubClient.list(Work, { labelSelector, limit: 1, signal })).items.length > 0;
}

const executorOf = (namespace: Namespace | undefined): string | undefined =>
  namespace?.metadata.annotations?.[annotation.defaultExecutor];

const workSetsIn = (caches: FleetCaches, namespace: string): string[] =>
  caches.workSets
    .list()
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(cacheKey);
