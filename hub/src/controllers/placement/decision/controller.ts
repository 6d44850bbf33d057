import {
  type ClusterSet,
  type KubeObject,
  label,
  memberNamespaceName,
  Placement,
  type Stored,
} from '@quarterdeck/apis';
import {
  type Controller,
  createController,
  createEchoes,
  type ObjectKey,
  Result,
  watching,
} from '@quarterdeck/machinery';
import { cacheKey } from '../../../fleet/caches.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { completedTolerations } from '../../../scheduler/default-tolerations.ts';
import { createExpressionCompiler } from '../../../scheduler/expressions.ts';
import { includesForeign } from '../../../scheduler/view.ts';
import { announce } from '../../announce.ts';
import { commit, update } from '../../writes.ts';
import { decide } from './decide.ts';
import { noticesOf } from './events.ts';
import { foreignNames } from './fleet-view.ts';
import { createScheduling, marksOf } from './scheduling.ts';
import { createTelling } from './telling.ts';

/** Writes of different placements have nothing to do with each other; decisions are made in one pass. */
const concurrency = 64;

/** Placements -> PlacementDecision slices and a status that explains. PL-1 to PL-43, PD-1 to PD-16 */
export function placementDecision(fleet: Fleet): Controller {
  const { caches, hubClient, clock, metrics } = fleet;
  const changes = metrics.counter({
    subsystem: 'placement',
    what: 'decision_changes',
    help: 'Decisions of placements that were written because their clusters changed.',
  });
  const seconds = metrics.seconds({
    subsystem: 'placement',
    what: 'schedule',
    help: 'How long deciding the placements that wait takes, once a visit.',
  });
  const scheduling = createScheduling({
    caches,
    compileExpression: createExpressionCompiler(),
    wake: (key) => controller.enqueue(key),
  });
  const everywhere = (): ObjectKey[] =>
    caches.members.list().flatMap(({ metadata }) => scheduling.clusterChanged(metadata.name));
  const foreignChanged = (set: Stored<ClusterSet>): ObjectKey[] =>
    foreignNames(caches, set).flatMap((name) => scheduling.clusterChanged(name));
  const telling = createTelling(clock);
  const echoes = createEchoes((object) => {
    const cache = object.kind === Placement.kind ? caches.placements : caches.decisions;
    return cache.get(cacheKey(object));
  }, clock);
  const controller: Controller = createController({
    ...fleet,
    name: 'placement.decision',
    primary: caches.placements,
    concurrency,
    watches: [
      // Status and heartbeats of metadata decide nothing.
      watching(caches.placements, (placement, old) =>
        old !== undefined && marksOf(placement) === marksOf(old)
          ? []
          : scheduling.placementChanged(cacheKey(placement)),
      ),
      watching(caches.decisions, ownerKeys),
      watching(caches.bindings, ({ metadata }) => scheduling.namespaceChanged(metadata.namespace ?? '')),
      watching(caches.members, ({ metadata }) => scheduling.clusterChanged(metadata.name)),
      watching(caches.profiles, ({ metadata }) => scheduling.clusterChanged(metadata.name)),
      watching(caches.scores, ({ metadata }) =>
        caches.members
          .byIndex('namespace', metadata.namespace ?? '')
          .flatMap((member) =>
            memberNamespaceName(member.metadata.name) === metadata.namespace
              ? scheduling.clusterChanged(member.metadata.name)
              : [],
          ),
      ),
      watching(caches.sets, (now, old) => [
        // That it came or went concerns its members as much. PL-21
        ...(old !== undefined && now.status?.namespace === old.status?.namespace ? [] : everywhere()),
        ...(old === undefined || includesForeign(now) !== includesForeign(old)
          ? [now, old].flatMap((set) => (set === undefined ? [] : foreignChanged(set)))
          : []),
      ]),
    ],
    reconciler: {
      async reconcile(key, { signal, logger }) {
        const waitMs = echoes.waitMs(key);
        if (waitMs !== undefined) return Result.after(waitMs);
        using _deciding = telling.deciding();
        const now = clock.now();
        const done = seconds.startTimer();
        const scheduled = scheduling.scheduledOf(key, now);
        done();
        const placement = caches.placements.get(key);
        // Gone, or another scheduler's: the garbage collector takes the slices of the one, we touch none of the other. PL-25
        if (scheduled === undefined || placement === undefined) return Result.done;
        // On our hub admission has done it. The write brings the next visit. PL-8
        const completed = completedTolerations(placement);
        if (completed !== undefined) {
          await commit(fleet, [update(Placement, completed)], signal);
          return Result.done;
        }
        const slices = caches.decisions.byIndex('decision', placement.metadata.uid);
        const { writes, requeueAfterMs } = decide({ placement, slices, scheduled }, now);
        try {
          echoes.expect(key, await commit(fleet, writes, signal));
        } catch (error) {
          scheduling.failed(key);
          throw error;
        }
        if ('held' in scheduled) return Result.done;
        scheduling.written(key, scheduled);
        const before = new Set(slices.flatMap((slice) => slice.decisions.map((each) => each.clusterProfileRef.name)));
        const notices = writes.length === 0 ? [] : noticesOf(placement, before, scheduled);
        if (notices.some(({ reason }) => reason === 'DecisionChanged')) changes.inc();
        if (notices.length > 0) {
          const about = { hubClient, logger, now, signal, controller: 'placement' };
          telling.later(() => announce(about, placement, notices), signal);
        }
        return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
      },
    },
  });
  return controller;
}

/** Slices that somebody changed are put right; ours come back as echoes that find nothing to do. PD-11 */
function ownerKeys({ metadata }: Stored<KubeObject>): ObjectKey[] {
  return metadata.labels?.[label.decisionKey] === undefined
    ? []
    : (metadata.ownerReferences ?? [])
        .filter(({ kind, controller }) => kind === 'Placement' && controller === true)
        .map(({ name }) => `${metadata.namespace}/${name}`);
}
