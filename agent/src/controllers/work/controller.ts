import {
  AppliedWork,
  agentFieldManager,
  finalizer,
  type KubeObject,
  type Stored,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import {
  type Controller,
  createController,
  createEchoes,
  type Informer,
  type ObjectKey,
  objectKey,
  Result,
  watching,
} from '@quarterdeck/machinery';
import { deliver } from './deliver.ts';
import { evict } from './evict.ts';
import { finish } from './finish.ts';
import { appliedWorkName, workKeyOf } from './journal.ts';
import { type Notes, notingClient } from './noting-client.ts';
import type { Pass, WorkControllerOptions } from './options.ts';

/** What a pass decides by from a cache, and writes itself. */
const kinds: ReadonlySet<string> = new Set([Work.kind, WorkReport.kind, AppliedWork.kind]);
/** Not every event of them asks for a pass. */
const echoPollMs = 50;

/**
 * Applies the Works of this member and tells the truth about them. WK-14 to WK-38, DL-1 to DL-10
 *
 * One pass: finalizer, journal, apply in order, prune, journal again, status, report. It may die between any two steps and
 * be run again: the journal holds every object before it is touched.
 */
export function workController(options: WorkControllerOptions): Controller {
  const { works, appliedWorks, reports, ownWrites, clock } = options;
  const caches = new Map<string, Informer<KubeObject>>([
    [Work.kind, works],
    [WorkReport.kind, reports],
    [AppliedWork.kind, appliedWorks],
  ]);
  const echoes = createEchoes(({ kind, metadata }) => caches.get(kind)?.get(objectKey(metadata)), clock);
  return createController({
    name: 'work.apply',
    primary: works,
    concerns: (work) => !ownWrites.isOwn(work),
    watches: [
      watching(appliedWorks, (applied) => [workKeyOf(applied)]),
      watching(reports, ({ metadata }, old) => (old === undefined ? [`${metadata.namespace}/${metadata.name}`] : [])),
    ],
    concurrency: options.concurrency ?? 8,
    clock,
    logger: options.logger,
    metrics: options.metrics,
    reconciler: {
      async reconcile(key, context) {
        // What the pass before wrote and the caches do not show yet would be written again, or refused. WK-38
        const waitMs = echoes.waitMs(key);
        if (waitMs !== undefined) return Result.after(Math.min(waitMs, echoPollMs));
        const notes: Notes = new Map();
        const hubClient = notingClient(options.hubClient, kinds, notes);
        const memberClient = notingClient(options.memberClient, kinds, notes);
        try {
          return await look(
            { ...options, hubClient, memberClient, logger: context.logger, signal: context.signal },
            key,
          );
        } finally {
          echoes.expect(key, [...notes.values()]);
        }
      },
    },
  });
}

async function look(pass: Pass, key: ObjectKey): Promise<Result> {
  const { works, appliedWorks, hubUID } = pass;
  const work = works.get(key);
  if (work === undefined) {
    pass.pace.forget(key);
    pass.lastValues.forget(key);
    pass.ownWrites.forget(key);
    pass.untold.told(key);
    pass.retries.next(key, undefined);
    return await evict(pass, key);
  }
  const applied = appliedWorks.get(appliedWorkName(hubUID, work.metadata));
  if (work.metadata.deletionTimestamp !== undefined) return await finish(pass, work, applied);
  if (work.metadata.finalizers?.includes(finalizer.work) !== true) {
    await addFinalizer(pass, work); // nothing is applied before it is there; the event brings us back
    return Result.done;
  }
  return await deliver(pass, work, applied);
}

async function addFinalizer({ hubClient, signal }: Pass, work: Stored<Work>): Promise<void> {
  const finalizers = [...(work.metadata.finalizers ?? []), finalizer.work];
  await hubClient.update(
    Work,
    { ...work, metadata: { ...work.metadata, finalizers } },
    { signal, fieldManager: agentFieldManager },
  );
}
