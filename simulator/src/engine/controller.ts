import type { KubeObject, ResourceType, Stored } from '@quarterdeck/apis';
import type { Client, EpochMs, Result } from '@quarterdeck/machinery';
import type { World } from './world.ts';

/** What a simulated controller acts on and by. */
export interface SimulationContext {
  readonly world: World;
  /** May do everything, as the controllers of a real cluster may together. */
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly now: EpochMs;
}

/** One change of one object. The last state, when it is gone. */
export interface WorldChange {
  readonly object: Stored<KubeObject>;
  /** The state before, when others owned it; undefined: it has the owners that it had, or is new. */
  readonly old: Stored<KubeObject> | undefined;
  readonly isGone: boolean;
}

/** One of the programs that a real cluster runs. It has no informer, no queue and no timer of its own: see the engine. */
export interface SimulatedController {
  /** Also the first part of its keys. */
  readonly name: string;
  /** Whose changes {@link wakes} wants to hear of. */
  readonly watches: readonly ResourceType[];
  /** Keys that a change concerns. */
  wakes(change: WorldChange, world: World): readonly string[];
  /** Level-based: brings the world of one key closer to what is wanted. A throw is retried with backoff. */
  reconcile(key: string, context: SimulationContext): Promise<Result>;
}
