import { isForbidden, memberAccountName, otherMakeReason } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';
import {
  RequestDeniedError,
  type RequestOptions,
  requestAdmission,
  requestCertificate,
} from './certificate-request.ts';
import type { Held } from './held.ts';
import { requestOwnToken } from './own-token.ts';
import { clusterUIDOf } from './owner.ts';

export interface ObtainOptions {
  /** Under the bootstrap identity for a join, the agent's own for a renewal. */
  readonly hubClient: Client;
  readonly clusterName: string;
  /** PKCS#8 PEM. */
  readonly key: string;
  /** Absent: the hub decides. */
  readonly expirationSeconds?: number;
  /** Called when the hub does not decide by itself. RG-5 */
  readonly onWaiting?: (requestName: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The hub gives the right to ask for a token once it has let the agent in; that takes it no longer. */
const tokenWithinMs = 30_000;

/**
 * Asks for a certificate, and where the hub says that it gives tokens, for that: it says so before anything else, so it is
 * known before the agent waits for a person. RG-7
 * @param clusterUID identity of the cluster
 * @throws RequestDeniedError, NotSignedError, NoTokenError, ApiError
 */
export async function join(options: ObtainOptions, clusterUID: string): Promise<Held> {
  const { key } = options;
  const asked = { ...options, clusterUID };
  try {
    return { make: 'certificate', certificate: await requestCertificate(asked), key };
  } catch (error) {
    if (!isGivenTokens(error)) throw error;
  }
  await requestAdmission(asked);
  return await requestOwnToken({
    ...options,
    account: memberAccountName(clusterUID),
    patienceMs: tokenWithinMs,
  });
}

/**
 * By what the agent holds. Where the hub gives tokens now, who held a certificate gets one.
 * @throws RequestDeniedError, NotSignedError, ApiError
 */
export async function renew(options: ObtainOptions, held: Held): Promise<Held> {
  if (held.make === 'token') return await requestOwnToken({ ...options, account: held.account });
  // By whoever the certificate says it is, also while the member does not answer.
  const clusterUID = clusterUIDOf(held.certificate);
  const asked: RequestOptions = { ...options, clusterUID };
  try {
    return { make: 'certificate', certificate: await requestCertificate(asked), key: options.key };
  } catch (error) {
    if (!isGivenTokens(error) && !isForbidden(error)) throw error;
    // Refused for another reason, it is refused this as well: what is told is the first refusal.
    return await requestOwnToken({ ...options, account: memberAccountName(clusterUID) }).catch(() => {
      throw error;
    });
  }
}

const { token: askForTheOther } = otherMakeReason;
const isGivenTokens = (error: unknown): boolean =>
  error instanceof RequestDeniedError && error.reason === askForTheOther;
