import { createHttpClient, type TlsOptions } from '@quarterdeck/machinery';
import { createWaker } from '../waker.ts';
import { attempt } from './attempt.ts';
import { RequestDeniedError } from './certificate-request.ts';
import { followTrust, trustedCa } from './follow-trust.ts';
import { type Held, heldOf, validityOf } from './held.ts';
import { type AgentIdentity, createIdentityReports, isOutdated } from './identity.ts';
import { createKept } from './kept.ts';
import { judgeKept, refuseOther, type Unusable } from './kept-identity.ts';
import { createNeed } from './need.ts';
import { nextStep } from './next-step.ts';
import { type LinkOptions, proxyOf } from './options.ts';
import { isOfCluster } from './owner.ts';
import { createStanding } from './standing.ts';
import type { AgentState } from './state-store.ts';
import { createWarningLog } from './warning-log.ts';

export interface Link {
  /** Resolves when the agent has an identity; rejects when it cannot get one and waiting is no use. */
  readonly joined: Promise<AgentIdentity>;
  /** Resolves when the loop has ended, after the signal. */
  readonly stopped: Promise<void>;
}

/** Joins, renews and rejoins, for as long as the signal lives. Nothing on the member changes while it is cut off. RG-1 to RG-8 */
export function startLink(options: LinkOptions, signal: AbortSignal): Link {
  const { promise: joined, resolve, reject } = Promise.withResolvers<AgentIdentity>();
  joined.catch(() => {}); // who awaits it is told; nobody awaiting is no crash
  let isJoined = false;
  const onJoined = (identity: AgentIdentity) => {
    isJoined = true;
    resolve(identity);
  };
  const stopped = run(options, signal, onJoined).catch((error: unknown) => {
    reject(error);
    // Before the join whoever awaits it is told, and logs it or not.
    if (isJoined && !signal.aborted) options.logger.error({ err: error }, 'the link to the hub ended');
  });
  return { joined, stopped };
}

const needsToken = (clusterName: string) =>
  `${clusterName} needs a bootstrap token to join: quarterdeck token create --cluster ${clusterName} makes one on the hub; give it by --token or --token-file`;

/** Over how long the certificates of a fleet are renewed when the hub signs by another CA. RG-9 */
const renewSpreadMs = 5 * 60_000;

async function run(
  options: LinkOptions,
  signal: AbortSignal,
  onJoined: (identity: AgentIdentity) => void,
): Promise<void> {
  const { clusterName, store, clock, logger, onRefusal, random = Math.random } = options;
  const kept = createKept(store, await store.load());
  const before = heldOf(kept.state);
  refuseOther(before, clusterName);
  const { ca, isNew } = await trustedCa(options, kept.state, signal);
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
  let unusable: Unusable;
  const usable = () => (unusable === undefined ? heldOf(kept.state) : undefined);
  const wear = (held: Held) => {
    const { hubCa = ca } = kept.state;
    const isCertificate = held.make === 'certificate';
    tls = isCertificate ? { ca: hubCa, cert: held.certificate, key: held.key } : { ca: hubCa };
    bearer = isCertificate ? undefined : held.token;
  };
  const tell = createNeed(options);
  let luck = random();
  let renewBy: number | undefined;
  const describe = createIdentityReports();
  const adopt = () => {
    const held = usable();
    if (held === undefined) return;
    wear(held);
    const isOld = isOutdated(describe(hubCaOf(kept.state, ca), held));
    renewBy = isOld ? (renewBy ?? clock.now() + luck * renewSpreadMs) : undefined;
    onJoined({
      hubClient,
      describe: () => describe(hubCaOf(kept.state, ca), heldOf(kept.state) ?? held),
      tls: () => tls,
      token: () => bearer,
      isOf: (clusterUID) => isOfCluster(heldOf(kept.state) ?? held, clusterUID),
      heard: standing.heard,
    });
    following ??= followTrust({ ...options, hubClient, kept, adopt }, signal);
    waker.wake();
  };
  let following: Promise<void> | undefined;
  if (before !== undefined) {
    wear(before);
    unusable = await judgeKept(before, { ...options, hubClient, isNewHub: isNew }, signal);
  }
  adopt();
  while (!signal.aborted) {
    const held = usable();
    const validity = held === undefined ? undefined : validityOf(held);
    const about = { luck, renewBy, isOutcast: standing.isOutcast() };
    // A token is asked for only when one is needed: whoever is asked may have to make it.
    const isNeeded = nextStep(validity, { ...about, hasToken: false }, clock.now()).do === 'needToken';
    const token = isNeeded ? await options.token() : undefined;
    const step = nextStep(validity, { ...about, hasToken: token !== undefined }, clock.now());
    switch (step.do) {
      case 'rest':
        await waker.wait(Math.min(step.until - clock.now(), 3_600_000), signal);
        break;
      case 'needToken':
        if (onRefusal === 'fail') throw new RequestDeniedError(needsToken(clusterName));
        tell(unusable ?? step.why);
        await clock.sleep(Math.max(1_000, step.until - clock.now()), signal);
        break;
      case 'join':
      case 'renew': {
        const renewing = step.do === 'renew' ? held : undefined;
        const given = { kept, ca: hubCaOf(kept.state, ca), token, hubClient, renewing };
        const make = await attempt(options, given, signal);
        if (make !== undefined) {
          unusable = undefined;
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
