import type { Client } from '@quarterdeck/machinery';
import type { StorageKey } from '../../storage/storage.ts';
import type { Background, ControllerContext } from '../context.ts';
import { createStoreWorker } from '../store-worker.ts';
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
  const { collectorClient, clock, resources } = options;
  const logger = options.logger.child({ controller: name });
  const neighbourhood = createNeighbourhood(options);
  const misplaced = createMisplacedOwners(options.store, neighbourhood);
  const uncertain = new Set<string>();
  let queueAdd: (text: string) => void = () => {};
  const add = (key: StorageKey) => queueAdd(queueKey(key));

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

  return createStoreWorker({
    ...options,
    name,
    concurrency,
    async follow(addText, signal) {
      queueAdd = addText;
      // Owners of a kind that nobody served may exist after all.
      using _registration = resources.onChange(() => {
        for (const text of uncertain) addText(text);
      });
      await followChanges({ ...options, logger, neighbourhood, onConcern: add, onGone: misplaced.gone }, signal);
    },
    reconcile: (text, signal) => collect(parseQueueKey(text), signal),
  });
}

/** Neither resource nor namespace nor name holds a slash. KA-46 */
const queueKey = ({ resource, namespace, name: object }: StorageKey) => `${resource}/${namespace}/${object}`;

function parseQueueKey(text: string): StorageKey {
  const [resource = '', namespace = '', object = ''] = text.split('/');
  return { resource, namespace, name: object };
}
