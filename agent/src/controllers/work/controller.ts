import { agentFieldManager, finalizer, type Stored, Work } from '@quarterdeck/apis';
import { type Controller, createController, Result, watching } from '@quarterdeck/machinery';
import { deliver } from './deliver.ts';
import { evict } from './evict.ts';
import { finish } from './finish.ts';
import { appliedWorkName, workKeyOf } from './journal.ts';
import type { WorkControllerOptions } from './options.ts';

/**
 * Applies the Works of this member and tells the truth about them. WK-14 to WK-38, DL-1 to DL-10
 *
 * One pass: finalizer, journal, apply in order, prune, journal again, status, report. It may die between any two steps and
 * be run again: the journal holds every object before it is touched.
 */
export function workController(options: WorkControllerOptions): Controller {
  const { works, appliedWorks, reports, hubUID, ownWrites } = options;
  return createController({
    name: 'work.apply',
    primary: works,
    concerns: (work) => !ownWrites.isOwn(work),
    watches: [
      watching(appliedWorks, (applied) => [workKeyOf(applied)]),
      watching(reports, ({ metadata }, old) => (old === undefined ? [`${metadata.namespace}/${metadata.name}`] : [])),
    ],
    concurrency: options.concurrency ?? 8,
    clock: options.clock,
    logger: options.logger,
    metrics: options.metrics,
    reconciler: {
      async reconcile(key, context) {
        const work = works.get(key);
        const pass = { ...options, logger: context.logger, signal: context.signal };
        if (work === undefined) {
          options.pace.forget(key);
          options.lastValues.forget(key);
          ownWrites.forget(key);
          options.untold.told(key);
          options.retries.next(key, undefined);
          return await evict(pass, key);
        }
        const applied = appliedWorks.get(appliedWorkName(hubUID, work.metadata));
        if (work.metadata.deletionTimestamp !== undefined) return await finish(pass, work, applied);
        if (work.metadata.finalizers?.includes(finalizer.work) !== true) {
          await addFinalizer(options, work, context.signal); // nothing is applied before it is there; the event brings us back
          return Result.done;
        }
        return await deliver(pass, work, applied);
      },
    },
  });
}

async function addFinalizer(
  { hubClient }: WorkControllerOptions,
  work: Stored<Work>,
  signal: AbortSignal,
): Promise<void> {
  const finalizers = [...(work.metadata.finalizers ?? []), finalizer.work];
  await hubClient.update(
    Work,
    { ...work, metadata: { ...work.metadata, finalizers } },
    { signal, fieldManager: agentFieldManager },
  );
}
