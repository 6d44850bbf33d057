import { isForbidden, isNotFound, memberNamespaceName } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';
import { issueToken } from '../issue-token.ts';
import type { HeldToken } from './held.ts';

/** The hub let the agent in and gives it no token. RG-7 */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
}

export interface OwnTokenOptions {
  /** Under the bootstrap identity, or the agent's own for a renewal. */
  readonly hubClient: Pick<Client, 'create'>;
  readonly clusterName: string;
  /** Its service account in the member's namespace on the hub. */
  readonly account: string;
  /** Default a week; the hub may give less. */
  readonly expirationSeconds?: number | undefined;
  /** For how long a refusal may mean that the right is still under way. Default: not at all. */
  readonly patienceMs?: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Long enough for an outage of two days, since it is renewed in its last third; its account ends it at any time. */
const weekSeconds = 7 * 86_400;
const pollMs = 500;

/**
 * Asks for a token of the agent's own account. What is refused at first may be allowed a moment later: the hub gives the
 * right once it has let the agent in.
 * @throws NoTokenError when patience ends; ApiError of the hub without any
 */
export async function requestOwnToken(options: OwnTokenOptions): Promise<HeldToken> {
  const { hubClient, clusterName, account, expirationSeconds = weekSeconds, patienceMs = 0, clock, signal } = options;
  const giveUpAt = clock.monotonic() + patienceMs;
  for (;;) {
    const issued = clock.now();
    try {
      const ref = { namespace: memberNamespaceName(clusterName), name: account };
      const { token, expirationTimestamp } = await issueToken(hubClient, ref, expirationSeconds, signal);
      return { make: 'token', token, account, issued, expires: Date.parse(expirationTimestamp) };
    } catch (error) {
      if (patienceMs === 0 || !(isForbidden(error) || isNotFound(error))) throw error;
      if (clock.monotonic() >= giveUpAt) throw noToken(error);
    }
    await clock.sleep(pollMs, signal);
  }
}

const noToken = (cause: unknown) => new NoTokenError(cause instanceof Error ? cause.message : String(cause), { cause });
