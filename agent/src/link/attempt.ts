import { isForbidden, isUnauthorized } from '@quarterdeck/apis';
import { type Client, createHttpClient, type Logger } from '@quarterdeck/machinery';
import { createKey, NotSignedError, RequestDeniedError } from './certificate-request.ts';
import { type Held, withHeld } from './held.ts';
import type { Kept } from './kept.ts';
import { join, renew } from './obtain.ts';
import { type LinkOptions, proxyOf, retryMs } from './options.ts';
import { NoTokenError } from './own-token.ts';

/** What one request to the hub goes by. */
export interface Attempt {
  readonly kept: Kept;
  readonly ca: string;
  readonly token: string | undefined;
  readonly hubClient: Client;
  /** What is to be renewed; undefined: the agent joins. */
  readonly renewing: Held | undefined;
}

/** One request, to its end. Undefined: refused or failed; the wait before the next try is over. */
export async function attempt(
  options: LinkOptions,
  given: Attempt,
  signal: AbortSignal,
): Promise<Held['make'] | undefined> {
  const { clock, logger, clusterName, hubUrl, expirationSeconds } = options;
  const { kept, ca, token, renewing } = given;
  const bootstrap = renewing
    ? undefined
    : createHttpClient({
        baseUrl: hubUrl,
        ...proxyOf(options),
        tls: { ca },
        token: token ?? '',
        userAgent: 'quarterdeck-agent',
        clock,
      });
  try {
    const key = kept.state.pendingKey ?? createKey();
    if (kept.state.pendingKey === undefined) await kept.change((state) => ({ ...state, pendingKey: key }));
    const asking = {
      hubClient: bootstrap ?? given.hubClient,
      clusterName,
      key,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      onWaiting: (request: string) =>
        logger.info({ request, accept: `quarterdeck accept ${clusterName}` }, waitingText),
      clock,
      signal,
    };
    const held = renewing ? await renew(asking, renewing) : await join(asking, await options.clusterUID());
    await kept.change((state) => withHeld(state, held));
    return held.make;
  } catch (error) {
    if (!signal.aborted) await afterFailure(options, given, error, signal);
    return undefined;
  } finally {
    await bootstrap?.[Symbol.asyncDispose]();
  }
}

/** Says what is wrong and what to do, and waits as long as it may take. @throws where the caller wants no waiting */
async function afterFailure(
  { clock, logger, onRefusal }: LinkOptions,
  { kept, renewing }: Attempt,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const denied = error instanceof RequestDeniedError;
  const unknown = isUnauthorized(error) || isForbidden(error);
  const nothingGiven =
    error instanceof NotSignedError ? notSigned : error instanceof NoTokenError ? noToken : undefined;
  // The right to fetch a token passes: the next try asks to be let in anew.
  if (denied || error instanceof NoTokenError) await forgetPending(kept, logger);
  if (onRefusal === 'fail' && nothingGiven !== undefined) throw new RequestDeniedError(nothingGiven);
  if (onRefusal === 'fail' && (denied || unknown)) {
    throw new RequestDeniedError(denied ? `the hub denied the request to join: ${reason}` : refusedToken);
  }
  if (nothingGiven !== undefined) logger.error({ reason }, nothingGiven);
  else if (denied) logger.error({ reason }, 'the hub denied the certificate request');
  else if (unknown) logger.error({ reason }, renewing === undefined ? refusedToken : refusedRenewal);
  else logger.warn({ reason }, 'asking the hub for a certificate failed; trying again');
  const isLong = denied || nothingGiven !== undefined || isUnauthorized(error);
  await clock.sleep(isLong ? retryMs.denied : retryMs.failed, signal);
}

const waitingText =
  'the hub has not decided about this cluster yet; the agent waits: see its MemberCluster there, or the events of the request';
const refusedToken =
  'the hub does not accept the bootstrap token: it may be wrong, expired or spent; ask for a new one';
const refusedRenewal = 'the hub refuses to renew the identity of the agent: this member may be denied or gone';
const notSigned =
  'the hub approved the certificate request, and nothing there signs it: a Kubernetes hub without a signer of client certificates needs quarterdeck hub --agent-identity token';
const noToken =
  'the hub let the agent in and gives it no token of its service account: see the log of the hub, and whether its API serves serviceaccounts/token';

/** The next try is a new request with a new key. */
async function forgetPending(kept: Kept, logger: Logger) {
  try {
    await kept.change(({ pendingKey: _denied, ...rest }) => rest);
  } catch (error) {
    logger.warn({ err: error }, 'the state of the agent cannot be written');
  }
}
