import { groupResourceName, isConflict, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import { CompactedError, type Store, type StoreEvent, type StoreWatch } from '@quarterdeck/apiserver';
import { type Client, type Clock, createQueue, type Logger, type WorkQueue } from '@quarterdeck/machinery';
import type { SimulatedController, WorldChange } from './controller.ts';
import { createWorld, decodeEntry, type World } from './world.ts';

export interface EngineOptions {
  readonly controllers: readonly SimulatedController[];
  readonly store: Store;
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For jitter of retries. */
  readonly random: () => number;
}

/** As long as a timer can wait: an idle watch has nothing to do. */
const idleMs = 2 ** 31 - 1;

/**
 * Runs all simulated controllers of one member on one queue, one key at a time: a thousand idle members cost their
 * watches and nothing else, and what happens in one is a single sequence. Stops with the signal.
 * @returns resolves when the last work after the abort has ended
 */
export async function runEngine(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { controllers, clock, random } = options;
  const queue = createQueue({ clock, random, maxDelayMs: 10_000 });
  const byName = new Map(controllers.map((controller) => [controller.name, controller]));
  const types = new Map(controllers.flatMap(({ watches }) => watches.map((type) => [groupResourceName(type), type])));
  const world = createWorld(options.store);
  const worker = createWorker(options, { controllers: byName, world, queue }, signal);
  queue.onAvailable(worker.start);
  const wake = (change: WorldChange, resource: string): void => {
    for (const controller of controllers) {
      if (!controller.watches.some((type) => groupResourceName(type) === resource)) continue;
      for (const key of controller.wakes(change, world)) queue.add(`${controller.name}|${key}`);
    }
  };
  await Promise.all([...types.values()].map((type) => follow(type, options, wake, signal)));
  queue.close();
  await worker.idle();
}

/** Hands every object of a kind to `wake`, then every change of one, until the signal aborts. */
async function follow(
  type: ResourceType,
  { store, logger }: EngineOptions,
  wake: (change: WorldChange, resource: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const resource = groupResourceName(type);
  const load = (): StoreWatch => {
    const { entries, revision } = store.list({ resource });
    for (const entry of entries) wake({ object: decodeEntry(type, entry), old: undefined, isGone: false }, resource);
    return store.watch({ resource, after: revision });
  };
  while (!signal.aborted) {
    try {
      using watch = load();
      while (!signal.aborted) {
        for (const event of await watch.next(idleMs, signal)) wake(changeOf(type, event), resource);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CompactedError)) throw error;
      logger.debug({ resource }, 'simulation fell behind; it looks at everything again');
    }
  }
}

function changeOf(type: ResourceType, { type: what, entry, previous }: StoreEvent): WorldChange {
  const isPassedOn = previous !== undefined && !isSame(previous.index.ownerUids, entry.index.ownerUids);
  const old: Stored<KubeObject> | undefined = isPassedOn ? decodeEntry(type, previous) : undefined;
  return { object: decodeEntry(type, entry), old, isGone: what === 'delete' };
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((uid, index) => uid === other[index]);

interface Work {
  readonly controllers: ReadonlyMap<string, SimulatedController>;
  readonly world: World;
  readonly queue: WorkQueue;
}

/** Works the queue off whenever there is something in it. */
function createWorker(
  { client, clock, logger }: EngineOptions,
  { controllers, world, queue }: Work,
  signal: AbortSignal,
) {
  let running: Promise<void> | undefined;

  async function visit(key: string): Promise<void> {
    const bar = key.indexOf('|');
    const controller = controllers.get(key.slice(0, bar));
    if (controller === undefined) return;
    try {
      const context = { world, client, signal, now: clock.now() };
      const { requeueAfterMs } = await controller.reconcile(key.slice(bar + 1), context);
      queue.forget(key);
      if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = queue.addRateLimited(key);
      if (!isConflict(error)) logger.debug({ err: error, key, retryMs }, 'simulated controller failed');
    }
  }

  async function run(): Promise<void> {
    // A turn later: what one batch of events asks for is asked for once.
    await null;
    for (let key = queue.take(); key !== undefined && !signal.aborted; key = queue.take()) {
      await visit(key);
      queue.done(key);
    }
    running = undefined;
  }

  return {
    start(): void {
      running ??= run();
    },
    idle: async (): Promise<void> => running,
  };
}
