import { randomUUID } from 'node:crypto';
import { MemberCluster } from '@quarterdeck/apis';
import { createInformer } from '@quarterdeck/machinery';
import { runHeartbeat } from './controllers/heartbeat/heartbeat.ts';
import { runMemberStatus } from './controllers/member-status/controller.ts';
import { createDuties } from './duties.ts';
import { type Acting, startActing } from './link/acting.ts';
import type { AgentIdentity } from './link/identity.ts';
import { OtherAgentError, otherClusterText } from './link/kept-identity.ts';
import { knownHub, placeOnHub } from './link/known-place.ts';
import { createRefusalLog } from './link/refusal-log.ts';
import { registered } from './link/registered.ts';
import { createStanding } from './link/standing.ts';
import { defaultExecutor } from './member/default-executor.ts';
import { createMemberKinds } from './member/install.ts';
import { onceItAnswers } from './member/once-it-answers.ts';
import type { AgentSetting } from './options.ts';
import { createHubPauses } from './pauses.ts';
import { agentVersion } from './version.ts';

export interface MembershipOptions extends AgentSetting {
  readonly identity: AgentIdentity;
  readonly clusterUID: () => Promise<string>;
  /** Takes each part that was started: it settles after the signal. */
  readonly keep: (part: Promise<unknown>) => void;
  /** Called once, when the hub has let the agent in and said where its member stands. */
  readonly onConnected: () => void;
}

/**
 * What an agent does once it has an identity. Heartbeat and status come first, for the hub must hear in any case that the
 * agent lives, and how the member is, even if it is down; all else is done by the one agent of the cluster that acts.
 * Resolves when all of it has been started. RG-11, RG-30
 */
export async function keepMembership(options: MembershipOptions, signal: AbortSignal): Promise<void> {
  const { clusterName, memberClient, identity, workCache, keep, clock, logger } = options;
  const { hubClient } = identity;
  const patience = { clock, logger, signal };
  const pauses = createHubPauses(clock);
  const refusals = createRefusalLog(logger, clock);
  const member = createInformer(hubClient, MemberCluster, {
    fieldSelector: `metadata.name=${clusterName}`,
    clock,
    pause: pauses.pause,
    logger: refusals.logger,
  });
  keep(member.start(signal));

  // An identity that the hub does not know has expired, which ends no membership; one that may do nothing was removed.
  const removal = createStanding(clock, () => {});
  const heard = (isTaken: boolean, isKnown: boolean) => {
    identity.heard(isTaken);
    if (isTaken) {
      pauses.hubHeard();
      refusals.heartbeatTaken();
    }
    if (isKnown) removal.heard(isTaken);
  };
  const known = await knownHub(workCache, options);
  const asking = { hubClient, memberClient, clusterName, clock, heard, removal };
  const registering = registered(member, asking, signal);
  registering.then(options.onConnected, () => {}); // a failure is told to whoever waits for the place
  const place = await placeOnHub(registering, known, patience);

  const { identity: agentName = `${clusterName}/${randomUUID()}`, isGone } = options.process ?? {};
  const common = { hubClient, memberClient, clusterName, member, clock, logger };
  const kinds = createMemberKinds({ memberClient, clock, logger });
  const duties = createDuties({
    ...options,
    ...place,
    member,
    kinds,
    pauses,
    hubLogger: refusals.logger,
    isRemoved: removal.isOutcast,
  });
  let acting: Acting | undefined;
  const isStandby = () => acting?.isStandby() === true;
  const { hubNamespace } = place;
  keep(runHeartbeat({ ...common, hubNamespace, heard, isStandby, agentName }, signal));
  const { tunnel } = options;
  const ways = tunnel === undefined ? {} : { tunnel: duties.tunnel, ...(tunnel.api && { api: tunnel.api }) };
  keep(
    runMemberStatus(
      { ...common, hubLogger: refusals.logger, ...ways, identity, isStandby, agentVersion, kinds },
      signal,
    ),
  );

  const clusterUID = await onceItAnswers(async () => {
    await kinds.install(signal);
    return await options.clusterUID();
  }, patience);
  // The member was away as the agent started; what has begun by now only says that it is. RG-4
  if (!identity.isOf(clusterUID)) throw new OtherAgentError(otherClusterText);
  const { clientAs, executor } = options;
  const executorClient = await onceItAnswers(
    () => defaultExecutor({ memberClient, clientAs, executor, logger }, signal),
    patience,
  );
  const act = (term: AbortSignal) => duties.act({ clusterUID, executorClient }, term);
  const about = { memberClient, clock, logger, identity: agentName, ...(isGone === undefined ? {} : { isGone }) };
  acting = startActing({ ...about, act }, signal);
  keep(acting.stopped);
}
