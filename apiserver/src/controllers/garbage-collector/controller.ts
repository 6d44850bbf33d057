import { isConflict } from '@quarterdeck/apis';
import { type Client, createQueue } from '@quarterdeck/machinery';
import type { StorageKey } from '../../storage/storage.ts';
import type { Background, ControllerContext } from '../context.ts';
import { applyStep } from './apply.ts';
import { decide } from './decide.ts';
import { followChanges } from './follow.ts';
import { createMisplacedOwners, reportMisplaced } from './misplaced.ts';
import { createNeighbourhood } from './observe.ts';

export interface GarbageCollectorOptions extends ControllerContext {
  /** Acts as `generic-garbage-collector`. */
  readonly collectorClient: Client;
}

const name = 'garbage-collector';
const concurrency = 20;

/**
 * Deletes what belongs to nobody any more, and lets owners go that wait for their dependents. KA-113, KA-114
 *
 * It follows the store rather than informers: the store knows who owns what (`ownedBy`) in bytes it holds anyway, so
 * that collecting costs no second copy of everything. All state is in the objects; a restart begins with a look at all.
 */
export function garbageCollector(options: GarbageCollectorOptions): Background {
  const { collectorClient, clock, metrics, resources } = options;
  const logger = options.logger.child({ controller: name });
  const queue = createQueue({ clock });
  const neighbourhood = createNeighbourhood(options);
  const misplaced = createMisplacedOwners(options.store, neighbourhood);
  const uncertain = new Set<string>();
  const stopped = Promise.withResolvers<void>();
  const working = new Set<Promise<void>>();
  const add = (key: StorageKey) => queue.add(queueKey(key));

  async function collect(key: StorageKey, signal: AbortSignal): Promise<void> {
    const seen = neighbourhood.observe(key);
    uncertain.delete(queueKey(key));
    if (seen === undefined) return;
    const type = neighbourhood.typeOf(key);
    if (type === undefined) return;
    for (const owner of misplaced.find(seen)) {
      await reportMisplaced(seen.object, owner, { collectorClient, type, now: clock.now(), signal });
    }
    const { steps, examine, isUncertain } = decide(seen);
    if (isUncertain) uncertain.add(queueKey(key));
    for (const step of steps) {
      const stepType = neighbourhood.typeOf(step.object.key);
      if (stepType !== undefined) await applyStep(step, stepType, collectorClient, signal);
    }
    for (const other of examine) add(other);
  }

  async function work(text: string, signal: AbortSignal): Promise<void> {
    const started = clock.monotonic();
    const count = (result: string) => metrics.reconciles.inc({ controller: name, result });
    try {
      await collect(parseQueueKey(text), signal);
      queue.forget(text);
      count('done');
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = queue.addRateLimited(text);
      if (isConflict(error)) logger.debug({ key: text, delayMs }, 'object changed while it was collected');
      else logger.error({ err: error, key: text, delayMs }, 'object cannot be collected');
      count(isConflict(error) ? 'conflict' : 'error');
    } finally {
      metrics.reconcileSeconds.observe({ controller: name }, (clock.monotonic() - started) / 1000);
    }
  }

  function pump(signal: AbortSignal): void {
    while (working.size < concurrency && !signal.aborted) {
      const text = queue.take();
      if (text === undefined) break;
      const job: Promise<void> = work(text, signal).finally(() => {
        working.delete(job);
        queue.done(text);
        pump(signal);
      });
      working.add(job);
    }
    metrics.queueLength.set({ controller: name }, queue.length);
  }

  async function run(signal: AbortSignal): Promise<void> {
    // Owners of a kind that nobody served may exist after all.
    using _registration = resources.onChange(() => {
      for (const text of uncertain) queue.add(text);
    });
    queue.onAvailable(() => pump(signal));
    await followChanges({ ...options, logger, neighbourhood, onConcern: add, onGone: misplaced.gone }, signal);
    queue.close();
    await Promise.all(working);
  }

  return {
    name,
    stopped: stopped.promise,
    start: (signal) => void run(signal).finally(() => stopped.resolve()),
  };
}

/** Neither resource nor namespace nor name holds a slash. KA-46 */
const queueKey = ({ resource, namespace, name: object }: StorageKey) => `${resource}/${namespace}/${object}`;

function parseQueueKey(text: string): StorageKey {
  const [resource = '', namespace = '', object = ''] = text.split('/');
  return { resource, namespace, name: object };
}
