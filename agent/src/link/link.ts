import { X509Certificate } from 'node:crypto';
import { isForbidden, isUnauthorized } from '@quarterdeck/apis';
import { type Client, type Clock, createHttpClient, type Logger, type TlsOptions } from '@quarterdeck/machinery';
import { createKey, RequestDeniedError, requestCertificate } from './certificate-request.ts';
import { fetchHubCa } from './hub-ca.ts';
import { nextStep } from './next-step.ts';
import type { AgentState, StateStore } from './state-store.ts';

/**
 * Who the agent is to the hub, as the rest of the agent sees it. A client certificate today; a bound service account token
 * for hubs that sign none is the other make. RG-7
 */
export interface AgentIdentity {
  /** A client under the member's own identity; follows renewals by itself. */
  readonly hubClient: Client;
}

export interface LinkOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** How the hub is known: by the hash of its CA's key (learnt at first contact), or by its CA. */
  readonly trust: { readonly caHash: string } | { readonly caPem: string };
  /** Asked whenever a token is needed, so that one that arrives later is used without a restart. RG-8 */
  readonly token: () => Promise<string | undefined>;
  /** Identity of the member cluster. RG-4 */
  readonly clusterUID: () => Promise<string>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Lifetime to ask for, seconds. Absent: the signer decides. */
  readonly expirationSeconds?: number;
  /** What a refusal by the hub does: `wait` tries again later, with whatever token there is then; `fail` ends the link. Default `wait`. */
  readonly onRefusal?: 'wait' | 'fail';
  /** 0..1. Default Math.random. */
  readonly random?: () => number;
}

export interface Link {
  /** Resolves when the agent has an identity; rejects when it cannot get one and waiting is no use. */
  readonly joined: Promise<AgentIdentity>;
  /** Resolves when the loop has ended, after the signal. */
  readonly stopped: Promise<void>;
}

/** A wait after a denial or a failure. */
const retryMs = { denied: 60_000, failed: 5_000 } as const;

/** Joins, renews and rejoins, for as long as the signal lives. Nothing on the member changes while it is cut off. RG-1 to RG-8 */
export function startLink(options: LinkOptions, signal: AbortSignal): Link {
  let resolveJoined: (identity: AgentIdentity) => void = () => {};
  let rejectJoined: (error: unknown) => void = () => {};
  const joined = new Promise<AgentIdentity>((resolve, reject) => {
    resolveJoined = resolve;
    rejectJoined = reject;
  });
  joined.catch(() => {}); // who awaits it is told; nobody awaiting is no crash
  let isJoined = false;
  const onJoined = (identity: AgentIdentity) => {
    isJoined = true;
    resolveJoined(identity);
  };
  const stopped = run(options, signal, onJoined).catch((error: unknown) => {
    rejectJoined(error);
    // Before the join whoever awaits it is told, and logs it or not.
    if (isJoined && !signal.aborted) options.logger.error({ err: error }, 'the link to the hub ended');
  });
  return { joined, stopped };
}

async function run(
  options: LinkOptions,
  signal: AbortSignal,
  onJoined: (identity: AgentIdentity) => void,
): Promise<void> {
  const { store, clock, logger, random = Math.random } = options;
  let state = await store.load();
  const ca = await trustedCa(options, state, signal);
  const keep = async (next: AgentState) => {
    await store.save(next); // first: what is not kept must not be built upon
    state = next;
  };
  if (state.hubCa !== ca) await keep({ ...state, hubCa: ca });

  let tls: TlsOptions = { ca };
  const hubClient = createHttpClient({
    baseUrl: options.hubUrl,
    tls: () => tls,
    userAgent: 'quarterdeck-agent',
    clock,
  });
  signal.addEventListener('abort', () => void hubClient[Symbol.asyncDispose](), { once: true });
  const adopt = () => {
    if (state.certificate === undefined || state.key === undefined) return;
    tls = { ca, cert: state.certificate, key: state.key };
    onJoined({ hubClient });
  };
  adopt();
  let luck = random();
  while (!signal.aborted) {
    const validity = validityOf(state.certificate);
    // A token is asked for only when one is needed: whoever is asked may have to make it.
    const token = nextStep(validity, false, luck, clock.now()).do === 'needToken' ? await options.token() : undefined;
    const step = nextStep(validity, token !== undefined, luck, clock.now());
    switch (step.do) {
      case 'rest':
        await clock.sleep(Math.min(step.until - clock.now(), 3_600_000), signal);
        break;
      case 'needToken':
        logger.error(
          { why: step.why },
          'the agent needs a bootstrap token for this cluster; nothing on the member changes meanwhile',
        );
        await clock.sleep(Math.max(1_000, step.until - clock.now()), signal);
        break;
      case 'join':
      case 'renew': {
        const issued = await obtain(options, { state, keep, ca, token, hubClient, renew: step.do === 'renew' }, signal);
        if (issued) {
          luck = random();
          adopt();
          logger.info({ how: step.do }, 'got a certificate from the hub');
        }
        break;
      }
    }
  }
  signal.throwIfAborted(); // who still waits to join is told
}

interface Attempt {
  readonly state: AgentState;
  readonly keep: (state: AgentState) => Promise<void>;
  readonly ca: string;
  readonly token: string | undefined;
  readonly hubClient: Client;
  readonly renew: boolean;
}

/** One request, to its end. False: refused or failed; the wait before the next try is over. */
async function obtain(options: LinkOptions, attempt: Attempt, signal: AbortSignal): Promise<boolean> {
  const { clock, logger, clusterName, hubUrl, expirationSeconds } = options;
  const { state, keep, ca, token, renew } = attempt;
  const bootstrap = renew
    ? undefined
    : createHttpClient({ baseUrl: hubUrl, tls: { ca }, token: token ?? '', userAgent: 'quarterdeck-agent', clock });
  try {
    const key = state.pendingKey ?? createKey();
    if (state.pendingKey === undefined) await keep({ ...state, pendingKey: key });
    const certificate = await requestCertificate({
      hubClient: bootstrap ?? attempt.hubClient,
      clusterName,
      key,
      clusterUID: renew ? undefined : await options.clusterUID(),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      clock,
      signal,
    });
    const { pendingKey: _done, ...rest } = state;
    await keep({ ...rest, certificate, key });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const reason = error instanceof Error ? error.message : String(error);
    const denied = error instanceof RequestDeniedError;
    const unknown = isUnauthorized(error) || isForbidden(error);
    if (denied) {
      await forgetPending(keep, state, logger);
    }
    if (options.onRefusal === 'fail' && (denied || unknown)) {
      throw new RequestDeniedError(denied ? `the hub denied the request to join: ${reason}` : refusedToken);
    }
    if (denied) logger.error({ reason }, 'the hub denied the certificate request');
    else if (unknown) logger.error({ reason }, renew ? refusedRenewal : refusedToken);
    else logger.warn({ reason }, 'asking the hub for a certificate failed; trying again');
    await clock.sleep(denied || isUnauthorized(error) ? retryMs.denied : retryMs.failed, signal);
    return false;
  } finally {
    await bootstrap?.[Symbol.asyncDispose]();
  }
}

const refusedToken =
  'the hub does not accept the bootstrap token: it may be wrong, expired or spent; ask for a new one';
const refusedRenewal = 'the hub refuses to renew the certificate: this member may be denied or gone';

/** The next try is a new request with a new key. */
async function forgetPending(keep: Attempt['keep'], { pendingKey: _denied, ...rest }: AgentState, logger: Logger) {
  try {
    await keep(rest);
  } catch (error) {
    logger.warn({ err: error }, 'the state of the agent cannot be written');
  }
}

/** The CA verified before stays; a hash is checked once, at first contact. */
async function trustedCa(
  { hubUrl, trust, clock, logger }: LinkOptions,
  state: AgentState,
  signal: AbortSignal,
): Promise<string> {
  if ('caPem' in trust) return trust.caPem;
  if (state.hubCa !== undefined) return state.hubCa;
  for (;;) {
    try {
      return await fetchHubCa(hubUrl, trust.caHash, signal);
    } catch (error) {
      // A hub that shows another CA is never waited for: the token must not be sent to it.
      if (signal.aborted || (error instanceof Error && error.name === 'WrongHubError')) throw error;
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'cannot reach the hub; trying again',
      );
      await clock.sleep(retryMs.failed, signal);
    }
  }
}

function validityOf(certificate: string | undefined) {
  if (certificate === undefined) return undefined;
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}
