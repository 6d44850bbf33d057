import { systemNamespace, tunnelAccountName } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';
import { issueToken } from '../issue-token.ts';

const lifetimeSeconds = 3600;
/** Used until this much of its life is left. */
const marginMs = 10 * 60_000;

/** A short-lived token of the tunnel's own service account; one request for all who wait. Rejects when there is none. */
export function createTunnelToken({ memberClient, clock }: { readonly memberClient: Client; readonly clock: Clock }) {
  let token: { readonly value: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const account = { namespace: systemNamespace, name: tunnelAccountName };
    const { token: value, expirationTimestamp } = await issueToken(memberClient, account, lifetimeSeconds);
    token = { value, until: clock.monotonic() + Date.parse(expirationTimestamp) - clock.now() - marginMs };
    return value;
  };
  return {
    current(): Promise<string> {
      if (token !== undefined && clock.monotonic() < token.until) return Promise.resolve(token.value);
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    /** The member refused it: the next request asks for another. */
    forget(): void {
      token = undefined;
    },
  };
}

export type TunnelToken = ReturnType<typeof createTunnelToken>;
