import { X509Certificate } from 'node:crypto';
import {
  ConfigMap,
  formatTime,
  isForbidden,
  isUnauthorized,
  memberNamespaceName,
  readMemberUser,
} from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createHttpClient,
  createInformer,
  type Logger,
  type TlsOptions,
} from '@quarterdeck/machinery';
import { createWaker } from '../waker.ts';
import { createKey, RequestDeniedError, requestCertificate } from './certificate-request.ts';
import { fetchHubCa } from './hub-ca.ts';
import { nextStep } from './next-step.ts';
import { createStanding } from './standing.ts';
import type { AgentState, StateStore } from './state-store.ts';
import { isOutdated, issuerHash, joinBundles, trustedHashes } from './trust.ts';

/**
 * Who the agent is to the hub, as the rest of the agent sees it. A client certificate today; a bound service account token
 * for hubs that sign none is the other make. RG-7
 */
export interface AgentIdentity {
  /** A client under the member's own identity; follows renewals by itself. */
  readonly hubClient: Client;
  /** What it is made of, for the status of the member. RG-9 */
  describe(): IdentityReport;
  /** Told by whoever speaks to the hub regularly: whether it takes this identity. RG-41 */
  heard(isTaken: boolean): void;
  /** Its certificate and the CAs of the hub, as they are now. */
  tls(): TlsOptions;
}

/** By key hashes, `sha256:<hex>`. */
export interface IdentityReport {
  /** CAs that the agent knows the hub by, the signing one first. */
  readonly trustedCAs: readonly string[];
  /** CA that issued its certificate. Absent: none of these. */
  readonly issuer?: string;
  /** RFC 3339: when the certificate ends. */
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
  const hubClient = createHttpClient({
    baseUrl: options.hubUrl,
    ...proxyOf(options),
    tls: () => tls,
    userAgent: 'quarterdeck-agent',
    clock,
  });
  signal.addEventListener('abort', () => void hubClient[Symbol.asyncDispose](), { once: true });
  const waker = createWaker(clock);
  const standing = createStanding(clock, () => waker.wake());
  let luck = random();
  let renewBy: number | undefined;
  const adopt = () => {
    const { certificate, key, hubCa = ca } = kept.state;
    if (certificate === undefined || key === undefined) return;
    tls = { ca: hubCa, cert: certificate, key };
    renewBy = isOutdated(hubCa, certificate) ? (renewBy ?? clock.now() + luck * renewSpreadMs) : undefined;
    onJoined({
      hubClient,
      describe: () => identityReport(hubCaOf(kept.state, ca), certificateOf(kept.state)),
      tls: () => tls,
      heard: standing.heard,
    });
    following ??= followTrust({ ...options, hubClient, kept, adopt }, signal);
    waker.wake();
  };
  let following: Promise<void> | undefined;
  adopt();
  while (!signal.aborted) {
    const validity = validityOf(kept.state.certificate);
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
        const attempt = { kept, ca: hubCaOf(kept.state, ca), token, hubClient, renew: step.do === 'renew' };
        const issued = await obtain(options, attempt, signal);
        if (issued) {
          luck = random();
          standing.heard(true);
          renewBy = undefined;
          adopt();
          logger.info({ how: step.do }, 'got a certificate from the hub');
        }
        break;
      }
    }
  }
  await following;
  signal.throwIfAborted(); // who still waits to join is told
}

const hubCaOf = ({ hubCa }: AgentState, first: string): string => hubCa ?? first;
const certificateOf = ({ certificate = '' }: AgentState): string => certificate;

function identityReport(bundle: string, certificate: string): IdentityReport {
  const issuer = issuerHash(bundle, certificate);
  return {
    trustedCAs: trustedHashes(bundle),
    ...(issuer === undefined ? {} : { issuer }),
    expires: formatTime(new X509Certificate(certificate).validToDate.getTime()),
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
  readonly renew: boolean;
}

/** One request, to its end. False: refused or failed; the wait before the next try is over. */
async function obtain(options: LinkOptions, attempt: Attempt, signal: AbortSignal): Promise<boolean> {
  const { clock, logger, clusterName, hubUrl, expirationSeconds } = options;
  const { kept, ca, token, renew } = attempt;
  const bootstrap = renew
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
    const certificate = await requestCertificate({
      hubClient: bootstrap ?? attempt.hubClient,
      clusterName,
      key,
      // A renewal is by whoever the certificate says it is, also while the member does not answer.
      clusterUID: renew ? clusterUIDOf(certificateOf(kept.state)) : await options.clusterUID(),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      clock,
      signal,
    });
    await kept.change(({ pendingKey: _done, ...rest }) => ({ ...rest, certificate, key }));
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const reason = error instanceof Error ? error.message : String(error);
    const denied = error instanceof RequestDeniedError;
    const unknown = isUnauthorized(error) || isForbidden(error);
    if (denied) {
      await forgetPending(kept, logger);
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

const proxyOf = ({ proxy }: LinkOptions) => (proxy === undefined ? {} : { proxy });

const refusedToken =
  'the hub does not accept the bootstrap token: it may be wrong, expired or spent; ask for a new one';
const refusedRenewal = 'the hub refuses to renew the certificate: this member may be denied or gone';

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

/** The identity of the cluster, as the certificate in use has it. RG-4 */
function clusterUIDOf(certificate: string): string {
  const [, commonName = ''] = /^CN=(.*)$/m.exec(new X509Certificate(certificate).subject) ?? [];
  return readMemberUser(commonName)?.clusterUID ?? '';
}

function validityOf(certificate: string | undefined) {
  if (certificate === undefined) return undefined;
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}
