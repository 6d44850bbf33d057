import { ConfigMap, formatTime, isForbidden, isUnauthorized, memberNamespaceName } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createHttpClient,
  createInformer,
  type Logger,
  type TlsOptions,
} from '@quarterdeck/machinery';
import { createWaker } from '../waker.ts';
import { createKey, NotSignedError, RequestDeniedError } from './certificate-request.ts';
import { type Held, heldOf, validityOf, withHeld } from './held.ts';
import { fetchHubCa } from './hub-ca.ts';
import { nextStep } from './next-step.ts';
import { join, renew } from './obtain.ts';
import { NoTokenError } from './own-token.ts';
import { createStanding } from './standing.ts';
import type { AgentState, StateStore } from './state-store.ts';
import { isOutdated, issuerHash, joinBundles, trustedHashes } from './trust.ts';
import { createWarningLog } from './warning-log.ts';

/**
 * Who the agent is to the hub, as the rest of the agent sees it: by a client certificate, or by a token of its service account
 * on a hub that gives those. RG-7
 */
export interface AgentIdentity {
  /** A client under the member's own identity; follows renewals by itself. */
  readonly hubClient: Client;
  /** What it is made of, for the status of the member. RG-9 */
  describe(): IdentityReport;
  /** Told by whoever speaks to the hub regularly: whether it takes this identity. RG-41 */
  heard(isTaken: boolean): void;
  /** Its certificate, if it has one, and the CAs of the hub, as they are now. */
  tls(): TlsOptions;
  /** Its token as it is now; undefined: it has a certificate. */
  token(): string | undefined;
}

/** By key hashes, `sha256:<hex>`. */
export interface IdentityReport {
  readonly make: Held['make'];
  /** CAs that the agent knows the hub by, the signing one first. */
  readonly trustedCAs: readonly string[];
  /** CA that issued its certificate. Absent: none of these, or it is a token. */
  readonly issuer?: string;
  /** RFC 3339: when the certificate or token ends. */
  readonly expires: string;
}

export interface LinkOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
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

/** Over how long the certificates of a fleet are renewed when the hub signs by another CA. RG-9 */
const renewSpreadMs = 5 * 60_000;

async function run(
  options: LinkOptions,
  signal: AbortSignal,
  onJoined: (identity: AgentIdentity) => void,
): Promise<void> {
  const { store, clock, logger, random = Math.random } = options;
  const kept = createKept(store, await store.load());
  const ca = await trustedCa(options, kept.state, signal);
  if (kept.state.hubCa !== ca) await kept.change((state) => ({ ...state, hubCa: ca }));

  let tls: TlsOptions = { ca };
  let bearer: string | undefined;
  const hubClient = createHttpClient({
    baseUrl: options.hubUrl,
    ...proxyOf(options),
    tls: () => tls,
    token: () => bearer,
    userAgent: 'quarterdeck-agent',
    // A hub that is older than this agent takes what it knows of a report; nothing would reach it otherwise. F-29
    fieldValidation: 'Warn',
    onWarning: createWarningLog(logger),
    clock,
  });
  signal.addEventListener('abort', () => void hubClient[Symbol.asyncDispose](), { once: true });
  const waker = createWaker(clock);
  const standing = createStanding(clock, () => waker.wake());
  let luck = random();
  let renewBy: number | undefined;
  const adopt = () => {
    const { hubCa = ca } = kept.state;
    const held = heldOf(kept.state);
    if (held === undefined) return;
    const isCertificate = held.make === 'certificate';
    tls = isCertificate ? { ca: hubCa, cert: held.certificate, key: held.key } : { ca: hubCa };
    bearer = isCertificate ? undefined : held.token;
    const isOld = isCertificate && isOutdated(hubCa, held.certificate);
    renewBy = isOld ? (renewBy ?? clock.now() + luck * renewSpreadMs) : undefined;
    onJoined({
      hubClient,
      describe: () => identityReport(hubCaOf(kept.state, ca), heldOf(kept.state) ?? held),
      tls: () => tls,
      token: () => bearer,
      heard: standing.heard,
    });
    following ??= followTrust({ ...options, hubClient, kept, adopt }, signal);
    waker.wake();
  };
  let following: Promise<void> | undefined;
  adopt();
  while (!signal.aborted) {
    const held = heldOf(kept.state);
    const validity = held === undefined ? undefined : validityOf(held);
    const about = { luck, renewBy, isOutcast: standing.isOutcast() };
    // A token is asked for only when one is needed: whoever is asked may have to make it.
    const isNeeded =
      about.isOutcast || nextStep(validity, { ...about, hasToken: false }, clock.now()).do === 'needToken';
    const token = isNeeded ? await options.token() : undefined;
    const step = nextStep(validity, { ...about, hasToken: token !== undefined }, clock.now());
    switch (step.do) {
      case 'rest':
        await waker.wait(Math.min(step.until - clock.now(), 3_600_000), signal);
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
        const renewing = step.do === 'renew' ? held : undefined;
        const attempt = { kept, ca: hubCaOf(kept.state, ca), token, hubClient, renewing };
        const make = await obtain(options, attempt, signal);
        if (make !== undefined) {
          luck = random();
          standing.heard(true);
          renewBy = undefined;
          adopt();
          const message = make === 'token' ? 'got a token from the hub' : 'got a certificate from the hub';
          logger.info({ how: step.do }, message);
        }
        break;
      }
    }
  }
  await following;
  signal.throwIfAborted(); // who still waits to join is told
}

const hubCaOf = ({ hubCa }: AgentState, first: string): string => hubCa ?? first;

function identityReport(bundle: string, held: Held): IdentityReport {
  const issuer = held.make === 'certificate' ? issuerHash(bundle, held.certificate) : undefined;
  return {
    make: held.make,
    trustedCAs: trustedHashes(bundle),
    ...(issuer === undefined ? {} : { issuer }),
    expires: formatTime(validityOf(held).notAfter),
  };
}

interface TrustOptions extends LinkOptions {
  readonly hubClient: Client;
  readonly kept: Kept;
  readonly adopt: () => void;
}

/** The CAs that the hub publishes in the member's namespace are learnt over a connection that is trusted already. RG-9 */
async function followTrust(options: TrustOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, clusterName, kept, adopt, clock, logger } = options;
  const published = createInformer(hubClient, ConfigMap, {
    namespace: memberNamespaceName(clusterName),
    fieldSelector: 'metadata.name=kube-root-ca.crt',
    clock,
  });
  const learn = async (text: string | undefined): Promise<void> => {
    const bundle = joinBundles(text);
    if (bundle === '' || bundle === kept.state.hubCa) return;
    await kept.change((state) => ({ ...state, hubCa: bundle }));
    adopt();
    logger.info({ trustedCAs: trustedHashes(bundle) }, 'the hub published other CAs; the agent trusts them now');
  };
  published.subscribe(({ type, object }) => {
    // Nothing is unlearnt from its absence.
    if (type === 'deleted') return;
    learn(object.data?.['ca.crt']).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'the CAs that the hub published cannot be taken over; the last ones stay');
    });
  });
  await published.start(signal);
}

/** The agent's state, changed by one at a time: what is not kept must not be built upon. */
interface Kept {
  readonly state: AgentState;
  change(update: (state: AgentState) => AgentState): Promise<void>;
}

function createKept(store: StateStore, first: AgentState): Kept {
  let state = first;
  let last: Promise<void> = Promise.resolve();
  return {
    get state() {
      return state;
    },
    change(update) {
      const changing = last.then(async () => {
        const next = update(state);
        await store.save(next);
        state = next;
      });
      last = changing.catch(() => {});
      return changing;
    },
  };
}

interface Attempt {
  readonly kept: Kept;
  readonly ca: string;
  readonly token: string | undefined;
  readonly hubClient: Client;
  /** What is to be renewed; undefined: the agent joins. */
  readonly renewing: Held | undefined;
}

/** One request, to its end. Undefined: refused or failed; the wait before the next try is over. */
async function obtain(options: LinkOptions, attempt: Attempt, signal: AbortSignal): Promise<Held['make'] | undefined> {
  const { clock, clusterName, hubUrl, expirationSeconds } = options;
  const { kept, ca, token, renewing } = attempt;
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
      hubClient: bootstrap ?? attempt.hubClient,
      clusterName,
      key,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      clock,
      signal,
    };
    const held = renewing ? await renew(asking, renewing) : await join(asking, await options.clusterUID());
    await kept.change((state) => withHeld(state, held));
    return held.make;
  } catch (error) {
    if (!signal.aborted) await afterFailure(options, attempt, error, signal);
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

const proxyOf = ({ proxy }: LinkOptions) => (proxy === undefined ? {} : { proxy });

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

/** The CA verified before stays; a hash is checked once, at first contact. */
async function trustedCa(options: LinkOptions, state: AgentState, signal: AbortSignal): Promise<string> {
  const { hubUrl, trust, clock, logger } = options;
  if ('caPem' in trust) return joinBundles(state.hubCa, trust.caPem);
  if (state.hubCa !== undefined) return state.hubCa;
  for (;;) {
    try {
      return await fetchHubCa({ hubUrl, expected: trust.caHash, ...proxyOf(options) }, signal);
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
