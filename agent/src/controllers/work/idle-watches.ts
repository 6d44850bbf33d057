import { type AppliedResource, type AppliedWork, annotation, type Stored } from '@quarterdeck/apis';
import type { Clock, Informer, Logger } from '@quarterdeck/machinery';
import type { Executors, Needs } from '../../member/executors.ts';
import { appliedWorkName } from './journal.ts';

/** A Work that comes back within this finds its watches; the others cost what their kinds cost in memory. */
const lookEveryMs = 300_000;

/**
 * What the journals of our Works hold: every object stands there before it is touched and until it is gone, so no watch that
 * could tell something ends before. Read at the version that it was applied at, as its executor. DL-20
 */
export function needsOf(appliedWorks: readonly Stored<AppliedWork>[], hubUID: string): Needs {
  const executors = new Set<string>();
  const watched = new Set<string>();
  for (const { metadata, spec, status } of appliedWorks) {
    if (metadata.name !== appliedWorkName(hubUID, { namespace: spec.workNamespace, name: spec.workName })) continue;
    const executor = metadata.annotations?.[annotation.executeAs];
    if (executor !== undefined) executors.add(executor);
    for (const resource of status?.appliedResources ?? []) {
      const key = keyOf(executor, resource);
      watched.add(`${key} `);
      watched.add(`${key} ${resource.namespace ?? ''}`);
    }
  }
  return {
    isUsed: (serviceAccount) => executors.has(serviceAccount),
    isWatched: (serviceAccount, { group, version, plural }, namespace) =>
      watched.has(`${keyOf(serviceAccount, { group, version, resource: plural })} ${namespace}`),
  };
}

const keyOf = (
  executor: string | undefined,
  { group = '', version = '', resource = '' }: Pick<AppliedResource, 'group' | 'version' | 'resource'>,
): string => `${executor ?? ''} ${group}/${version}/${resource}`;

export interface IdleWatchesOptions {
  readonly executors: Executors;
  readonly appliedWorks: Informer<AppliedWork>;
  readonly hubUID: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends, now and then, what the last Work that used it has left behind: watches, and clients of executors. DL-20 */
export async function endIdleWatches(
  { executors, appliedWorks, hubUID, clock, logger }: IdleWatchesOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal).catch(() => {});
    // What is not known yet may be needed.
    if (signal.aborted || !appliedWorks.hasSynced()) continue;
    try {
      await executors.endIdle(needsOf(appliedWorks.list(), hubUID));
    } catch (error) {
      logger.warn({ err: error }, 'closing the client of an executor failed');
    }
  }
}
