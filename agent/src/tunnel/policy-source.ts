import { ApiError, ConfigMap, ignoreNotFound, systemNamespace, tunnelPolicyName } from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';
import { withDeadline } from '../deadline.ts';
import { defaultTunnelPolicy, parseTunnelPolicy, type TunnelPolicy } from './policy.ts';

const policyKey = 'policy.yaml';

/** What holds now; what is forbidden to read, cannot be understood, or was not read for a minute, lets nobody in. */
export type PolicyState =
  | { readonly type: 'known'; readonly policy: TunnelPolicy }
  | { readonly type: 'unknown'; readonly why: string };

export interface PolicySource {
  current(): PolicyState;
}

const policyPeriodMs = 10_000;
/** A read that is not answered by then has failed; the next one is not held up by it. */
const readMs = 10_000;
/** How long what was read holds while the member does not answer: a member under load would lose all its streams at once. */
const holdsMs = 60_000;

/** Reads the policy again and again until the signal aborts; `onChange` after each change. Resolves when first read. RG-50 */
export async function followPolicy(
  options: { readonly memberClient: Client; readonly clock: Clock; readonly logger: Logger; onChange(): void },
  signal: AbortSignal,
): Promise<PolicySource> {
  const { memberClient, clock, logger, onChange } = options;
  let text: string | undefined;
  let readAt: number | undefined;
  let state = await read();
  const again = async () => {
    while (!signal.aborted) {
      await clock.sleep(policyPeriodMs, signal);
      const before = text;
      const next = await read();
      const changed = next.type !== state.type || text !== before;
      state = next;
      if (changed) onChange();
    }
  };
  again().catch(() => undefined); // it ends by the signal only

  async function read(): Promise<PolicyState> {
    const ref = { namespace: systemNamespace, name: tunnelPolicyName };
    try {
      const found = await withDeadline(clock, readMs, signal, (inTime) =>
        ignoreNotFound(memberClient.get(ConfigMap, ref, { signal: inTime })),
      );
      text = found?.data?.[policyKey];
    } catch (error) {
      if (isRefused(error) || readAt === undefined || clock.monotonic() - readAt >= holdsMs) return unusable(error);
      logger.warn(
        { why: wordsOf(error) },
        'the policy of the tunnel cannot be read now; the last one holds for a minute',
      );
      return state;
    }
    readAt = clock.monotonic();
    try {
      return { type: 'known', policy: text === undefined ? defaultTunnelPolicy : parseTunnelPolicy(text) };
    } catch (error) {
      return unusable(error);
    }
  }

  function unusable(error: unknown): PolicyState {
    const why = wordsOf(error);
    if (!signal.aborted) logger.error({ why }, 'the policy of the tunnel cannot be used; nobody is let through');
    return { type: 'unknown', why };
  }

  return { current: () => state };
}

/** The member answered, and its answer was no: not so when it was not reached, not in time, or is busy. */
const isRefused = (error: unknown): boolean => error instanceof ApiError && error.code < 500 && error.code !== 429;

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
