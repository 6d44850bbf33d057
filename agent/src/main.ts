import { systemClock } from '@quarterdeck/machinery';
import { startLink } from './link/link.ts';
import { clusterUIDOf } from './member/cluster-uid.ts';
import { keepMembership } from './membership.ts';
import type { AgentOptions, AgentSetting } from './options.ts';

/** One agent. A process may hold a thousand: there is no state outside this object. */
export interface Agent extends AsyncDisposable {
  /**
   * Resolves when the member has joined and is looked after; rejects when it cannot join. An agent that starts while its hub is
   * away or refuses it goes by what the hub last said. F-14
   */
  readonly ready: Promise<void>;
  /** Resolves when the hub has let this agent in: before {@link ready}, or some time after it. Never rejects. */
  readonly connected: Promise<void>;
  stop(): Promise<void>;
}

/** Starts an agent: joins, then keeps heartbeat, status, properties and Works, until stopped. */
export function startAgent(options: AgentOptions): Agent {
  const setting = settingOf(options);
  const stopping = new AbortController();
  const { signal } = stopping;
  const clusterUID = clusterUIDOf(setting.memberClient, signal);
  const link = startLink({ ...setting, clusterUID }, signal);
  const running: Promise<unknown>[] = [link.stopped];

  const { promise: connected, resolve: onConnected } = Promise.withResolvers<void>();
  const ready = link.joined.then((identity) =>
    keepMembership({ ...setting, identity, clusterUID, onConnected, keep: (part) => running.push(part) }, signal),
  );
  ready.catch(() => {}); // told to whoever awaits it

  const stop = async () => {
    stopping.abort(new Error('the agent is stopping'));
    await Promise.allSettled([ready]); // until then it may still start something
    await Promise.allSettled(running);
  };
  return { ready, connected, stop, [Symbol.asyncDispose]: stop };
}

/**
 * Joins and stops: the certificate is in the store afterwards. For `agent join`.
 * @throws RequestDeniedError when the hub refuses the token or the request; it is not asked again
 */
export async function joinOnce(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const setting = settingOf(options);
  const stopping = new AbortController();
  const clusterUID = clusterUIDOf(setting.memberClient, signal);
  const link = startLink({ ...setting, clusterUID, onRefusal: 'fail' }, AbortSignal.any([signal, stopping.signal]));
  try {
    await link.joined;
  } finally {
    stopping.abort(new Error('joined'));
    await link.stopped;
  }
}

const settingOf = (options: AgentOptions): AgentSetting => ({
  ...options,
  clock: options.clock ?? systemClock,
  logger: options.logger.child({ cluster: options.clusterName }),
});
