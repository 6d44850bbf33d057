import { ConfigMap, ignoreNotFound, systemNamespace, tunnelPolicyName } from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';
import { defaultTunnelPolicy, parseTunnelPolicy, type TunnelPolicy } from './policy.ts';

const policyKey = 'policy.yaml';

/** What holds now; what cannot be read or understood lets nobody in. */
export type PolicyState =
  | { readonly type: 'known'; readonly policy: TunnelPolicy }
  | { readonly type: 'unknown'; readonly why: string };

export interface PolicySource {
  /** Not older than {@link policyPeriodMs}. */
  current(): PolicyState;
}

const policyPeriodMs = 10_000;

/** Reads the policy again and again until the signal aborts; `onChange` after each change. Resolves when first read. */
export async function followPolicy(
  options: { readonly memberClient: Client; readonly clock: Clock; readonly logger: Logger; onChange(): void },
  signal: AbortSignal,
): Promise<PolicySource> {
  const { memberClient, clock, logger, onChange } = options;
  let text: string | undefined;
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
      const found = await ignoreNotFound(memberClient.get(ConfigMap, ref, { signal }));
      text = found?.data?.[policyKey];
      return { type: 'known', policy: text === undefined ? defaultTunnelPolicy : parseTunnelPolicy(text) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) logger.error({ why }, 'the policy of the tunnel cannot be used; nobody is let through');
      return { type: 'unknown', why };
    }
  }
  return { current: () => state };
}
