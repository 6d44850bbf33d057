import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound, Lease, type Stored } from '@quarterdeck/apis';
import type { Reader, Writer } from '../client/client.ts';
import { startDeadline } from '../client/deadline.ts';
import type { Clock } from './clock.ts';
import { failureFields } from './failure-fields.ts';
import { acquired, holderOf, newLease, released, renewed } from './lease-record.ts';
import { type Logger, silentLogger } from './logger.ts';

/** What a leader knows of its Lease, judged by its own monotonic clock only. */
export interface HeldLease {
  /** False once nobody can rule out that another holds it: nothing may be written then. RL-4 */
  isHeld(): boolean;
  /** Aborts when the lease is lost or given back; writes under way must end then. */
  readonly signal: AbortSignal;
}

export interface LeaseOptions {
  client: Pick<Reader, 'get'> & Pick<Writer, 'create' | 'update'>;
  namespace: string;
  name: string;
  /** Unique per process, also across restarts: whoever finds its own name waits like for anybody else's. */
  identity: string;
  clock: Clock;
  /** How long others leave a holder alone that does not renew. Default 15 000. KA-142 */
  leaseDurationMs?: number;
  /** A holder that could not renew for so long gives up. Default 10 000; must be less than `leaseDurationMs`. */
  renewDeadlineMs?: number;
  /** Pause between renewals, and between tries to acquire. Default 2 000; must be less than `renewDeadlineMs`. */
  retryPeriodMs?: number;
  logger?: Logger;
  /** Spreads candidates; default Math.random. */
  random?: () => number;
  /**
   * Says of another holder, by its identity, that its process has ended for certain and nothing it sent is under way: its
   * Lease is free at once. Default: nobody is known to be gone, a Lease is waited for. F-19
   */
  isGone?: (holder: string) => boolean;
}

export interface LeaderOptions extends LeaseOptions {
  /**
   * Starts what a leader does, which ends when `signal` aborts (lease lost, or stop). The lease is given back, and
   * acquired again, only after the returned promise settled: return one that covers the work. A throw before the abort
   * gives the lease back and ends the whole run.
   */
  onStarted(signal: AbortSignal, lease: HeldLease): Promise<void> | void;
  /** Called after each term. */
  onStopped?(): void;
  /** Ends the run. */
  signal: AbortSignal;
}

/** The reason that a leader's signal aborts with when it is no longer leader, and of writes refused since. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

type Settings = Required<LeaseOptions>;

/** One term as leader. */
interface Term {
  lease: Stored<Lease>;
  /** Monotonic time just before the last successful write was sent: others count from later. */
  renewedAt: number;
}

/**
 * Leader election over a Lease with strict compare-and-swap. Waits for the lease, leads until it is lost, waits again,
 * until `signal` aborts; then it gives the lease back. Time is judged by the own clock alone: another's lease is expired
 * when it did not change for its duration while we watched. KA-142, KA-146, F-19
 */
export async function runWithLease(options: LeaderOptions): Promise<void> {
  const { signal } = options;
  const settings = withDefaults(options);
  while (!signal.aborted) {
    const term = await acquire(settings, signal);
    if (term === undefined) return;
    const isFinished = await lead(term, settings, options);
    if (isFinished) return;
  }
}

function withDefaults(options: LeaseOptions): Settings {
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  if (options.identity === '') throw new RangeError('a lease needs an identity');
  if (!(leaseDurationMs > renewDeadlineMs && renewDeadlineMs > retryPeriodMs && retryPeriodMs > 0)) {
    throw new RangeError('lease duration > renew deadline > retry period > 0 must hold');
  }
  const { logger = silentLogger, random = Math.random, isGone = () => false } = options;
  return { ...options, leaseDurationMs, renewDeadlineMs, retryPeriodMs, logger, random, isGone };
}

/** Resolves as the new holder; undefined when the signal aborted first. */
async function acquire(settings: Settings, signal: AbortSignal): Promise<Term | undefined> {
  const { clock, logger, retryPeriodMs, renewDeadlineMs, random } = settings;
  const observed = { resourceVersion: '', since: 0 };
  while (!signal.aborted) {
    // A request that is never answered must not keep this candidate from the next one.
    const deadline = startDeadline(clock, renewDeadlineMs, signal);
    try {
      const term = await tryAcquire(settings, observed, deadline.signal);
      if (term !== undefined) return term;
      logger.debug({ lease: settings.name }, 'lease is held by another');
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isConflict(error) || isAlreadyExists(error)) logger.debug({ lease: settings.name }, 'another was quicker');
      else logger.warn({ ...failureFields(error), lease: settings.name }, 'cannot acquire lease');
    } finally {
      deadline.end();
    }
    await clock.sleep(retryPeriodMs * (1 + 0.2 * random()), signal).catch(() => undefined);
  }
  return undefined;
}

async function tryAcquire(
  settings: Settings,
  observed: { resourceVersion: string; since: number },
  signal: AbortSignal,
): Promise<Term | undefined> {
  const { client, clock, namespace, name } = settings;
  const found = await ignoreNotFound(client.get(Lease, { namespace, name }, { signal }));
  const claim = { ...settings, now: clock.now() };
  if (found === undefined) {
    const renewedAt = clock.monotonic();
    return { lease: await client.create(Lease, newLease(settings, claim), { signal }), renewedAt };
  }
  if (found.metadata.resourceVersion !== observed.resourceVersion) {
    observed.resourceVersion = found.metadata.resourceVersion;
    observed.since = clock.monotonic();
  }
  const durationMs = (found.spec?.leaseDurationSeconds ?? settings.leaseDurationMs / 1000) * 1000;
  const holder = holderOf(found);
  // Our own name is an earlier life of ours, or a namesake: never known to be gone.
  const isGone = holder !== settings.identity && settings.isGone(holder);
  const isFree = holder === '' || isGone || clock.monotonic() - observed.since >= durationMs;
  if (!isFree) return undefined;
  const renewedAt = clock.monotonic();
  return { lease: await client.update(Lease, acquired(found, claim), { signal }), renewedAt };
}

/** @returns whether the whole run is over */
async function lead(term: Term, settings: Settings, options: LeaderOptions): Promise<boolean> {
  const { clock, logger, leaseDurationMs } = settings;
  const fence = new AbortController();
  const stop = new AbortController();
  const onOuterAbort = () => stop.abort(options.signal.reason);
  if (options.signal.aborted) onOuterAbort();
  else options.signal.addEventListener('abort', onOuterAbort, { once: true });
  const lose = (why: string) => {
    if (fence.signal.aborted) return;
    logger.warn({ lease: settings.name, why }, 'lease lost');
    const reason = new LeaseLostError(`lease ${settings.namespace}/${settings.name} lost: ${why}`);
    fence.abort(reason);
    stop.abort(reason);
  };
  const held: HeldLease = {
    signal: fence.signal,
    isHeld: () => !fence.signal.aborted && clock.monotonic() - term.renewedAt < leaseDurationMs,
  };
  logger.info({ lease: settings.name, identity: settings.identity }, 'lease acquired');
  const renewing = keepRenewing(term, settings, lose, fence.signal);
  try {
    await options.onStarted(stop.signal, held);
    await aborted(stop.signal);
    return options.signal.aborted;
  } catch (error) {
    // Work that ends with the reason it was aborted for has not failed.
    if (!stop.signal.aborted) throw error;
    return options.signal.aborted;
  } finally {
    options.signal.removeEventListener('abort', onOuterAbort);
    const wasHeld = held.isHeld();
    // Ends the renewals too, and before giving back: writes after it would not be ours any more.
    fence.abort(new LeaseLostError(`lease ${settings.namespace}/${settings.name} given back`));
    await renewing;
    if (wasHeld) await release(term, settings);
    options.onStopped?.();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Renews until the signal aborts. Never throws. */
async function keepRenewing(
  term: Term,
  settings: Settings,
  lose: (why: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, retryPeriodMs, renewDeadlineMs, logger, name } = settings;
  const armDeadline = () =>
    clock.after(term.renewedAt + renewDeadlineMs - clock.monotonic(), () =>
      lose(`not renewed for ${renewDeadlineMs} ms`),
    );
  let deadline = armDeadline();
  while (!signal.aborted) {
    try {
      await clock.sleep(retryPeriodMs, signal);
      const sentAt = clock.monotonic();
      term.lease = await settings.client.update(Lease, renewed(term.lease, clock.now()), { signal });
      term.renewedAt = sentAt;
      deadline.cancel();
      deadline = armDeadline();
    } catch (error) {
      if (signal.aborted) break;
      if (isConflict(error) || isNotFound(error)) await reread(term, settings, lose, signal);
      else logger.warn({ ...failureFields(error), lease: name }, 'cannot renew lease');
    }
  }
  deadline.cancel();
}

/** After a conflict: our own write whose answer was lost, or somebody's edit, or a new holder? */
async function reread(term: Term, settings: Settings, lose: (why: string) => void, signal: AbortSignal): Promise<void> {
  const { client, namespace, name, identity, logger } = settings;
  try {
    const found = await ignoreNotFound(client.get(Lease, { namespace, name }, { signal }));
    if (found === undefined) lose('it was deleted');
    else if (found.metadata.uid !== term.lease.metadata.uid) lose('it was made anew');
    else if (holderOf(found) !== identity) lose(`held by "${holderOf(found)}" now`);
    else term.lease = found;
  } catch (error) {
    if (!signal.aborted) logger.warn({ ...failureFields(error), lease: name }, 'cannot read lease');
  }
}

/** Lets the next candidate start at once. Best effort, and pointless after the lease ran out. */
async function release(term: Term, settings: Settings): Promise<void> {
  const { clock, logger, name } = settings;
  const remainingMs = term.renewedAt + settings.leaseDurationMs - clock.monotonic();
  const deadline = startDeadline(clock, remainingMs, undefined);
  try {
    await settings.client.update(Lease, released(term.lease, clock.now()), { signal: deadline.signal });
    logger.info({ lease: name }, 'lease given back');
  } catch (error) {
    logger.debug({ ...failureFields(error), lease: name }, 'could not give the lease back; it runs out');
  } finally {
    deadline.end();
  }
}
