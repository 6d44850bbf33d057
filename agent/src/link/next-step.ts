import type { EpochMs } from '@quarterdeck/machinery';

/** A certificate as far as time goes. */
export interface Validity {
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
}

/** What the link has to do now. */
export type Step =
  /** No usable certificate: ask for one with the bootstrap token. */
  | { readonly do: 'join' }
  /** No usable certificate, or one that the hub refuses, and no token: say so, look for a token again at `until`. RG-8 */
  | { readonly do: 'needToken'; readonly why: 'neverJoined' | 'expired' | 'refused'; readonly until: EpochMs }
  /** The certificate is in the last third of its life: ask for the next one with it. RG-6 */
  | { readonly do: 'renew' }
  | { readonly do: 'rest'; readonly until: EpochMs };

const tokenPollMs = 10_000;

/**
 * ```
 *   (nothing) --token--> join --issued--> rest --last third--> renew --issued--> rest
 *       \                                   \--- never renewed ---> expired --token--> join
 * ```
 * Pure and total. RG-6, RG-8
 * @param luck 0..1, fixed for one certificate: where in the last third it renews, so that a fleet does not renew at once
 * @param isOutcast the hub has refused this identity for a while, though its certificate is good: it was removed, perhaps by
 * force, and comes back as it came at first. RG-41
 * @param renewBy when to renew in any case, because the hub signs by another CA now; undefined: no such reason. RG-9
 */
export function nextStep(
  certificate: Validity | undefined,
  {
    hasToken,
    luck,
    renewBy,
    isOutcast = false,
  }: {
    readonly hasToken: boolean;
    readonly luck: number;
    readonly renewBy?: EpochMs | undefined;
    readonly isOutcast?: boolean;
  },
  now: EpochMs,
): Step {
  if (certificate === undefined || now >= certificate.notAfter) {
    if (hasToken) return { do: 'join' };
    return { do: 'needToken', why: certificate === undefined ? 'neverJoined' : 'expired', until: now + tokenPollMs };
  }
  if (isOutcast) return hasToken ? { do: 'join' } : { do: 'needToken', why: 'refused', until: now + tokenPollMs };
  const renewAt = Math.min(renewalTime(certificate, luck), renewBy ?? Number.POSITIVE_INFINITY);
  return now >= renewAt ? { do: 'renew' } : { do: 'rest', until: renewAt };
}

/** In the last third of the life, but for its very end. */
function renewalTime({ notBefore, notAfter }: Validity, luck: number): EpochMs {
  const third = (notAfter - notBefore) / 3;
  return Math.round(notAfter - third + third * 0.9 * luck);
}
