import type { EpochMs } from './clock.ts';
import type { Logger } from './logger.ts';

/** `namespace/name`, or `name` for cluster-scoped kinds: what queues hold. */
export type ObjectKey = string;

export interface ReconcileContext {
  readonly signal: AbortSignal;
  /** A child logger with controller, kind, namespace, name, reconcileID. */
  readonly logger: Logger;
  readonly now: EpochMs;
}

/** What to do with the key next. Errors are thrown: see {@link Reconciler}. */
export interface Result {
  /** Look again after this long, even if nothing changes. */
  readonly requeueAfterMs?: number;
}

export const Result = Object.freeze({
  done: Object.freeze({}) as Result,
  after: (requeueAfterMs: number): Result => ({ requeueAfterMs }),
});

/**
 * Brings the world of one key closer to what its object asks. Level-based: it reads what is there now, and never knows
 * which event woke it; it may run at any time, twice, and after a crash. Three outcomes besides success:
 *
 * - any throw: retried with backoff;
 * - {@link TerminalError}: logged, not retried until the object changes;
 * - a fact for the user: no error at all, a False condition on the object.
 */
export interface Reconciler {
  reconcile(key: ObjectKey, context: ReconcileContext): Promise<Result>;
}

/** A failure that trying again cannot mend. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** A broken invariant: a bug in this program, not a fact about the world. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
