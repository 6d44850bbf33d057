import type { MemberCluster } from '@quarterdeck/apis';
import type { Client, Informer, Logger } from '@quarterdeck/machinery';
import { runProperties } from './controllers/properties/properties.ts';
import { followHubWord } from './controllers/work/hub-word.ts';
import type { AgentIdentity } from './link/identity.ts';
import { type HubPlace, knownHub } from './link/known-place.ts';
import { leavingOf } from './link/leaving.ts';
import type { MemberKinds } from './member/install.ts';
import type { AgentSetting } from './options.ts';
import type { HubPauses } from './pauses.ts';
import { openTunnels } from './tunnel/open-tunnels.ts';
import type { Tunnel } from './tunnel/tunnel.ts';
import { runWorks } from './works.ts';

export interface DutiesOptions extends AgentSetting, HubPlace {
  readonly identity: AgentIdentity;
  /** Of the own MemberCluster. */
  readonly member: Informer<MemberCluster>;
  readonly kinds: Pick<MemberKinds, 'install'>;
  readonly pauses: HubPauses;
  /** Of what is read from the hub. */
  readonly hubLogger: Logger;
  /** Whether the hub has put the member out of its fleet. RG-41 */
  readonly isRemoved: () => boolean;
}

/** What is asked of the member before anything can be done for it. */
export interface MemberFacts {
  readonly clusterUID: string;
  /** The default executor. DL-30 */
  readonly executorClient: Client;
}

/** What one agent of a cluster does, and no second one beside it. RG-11 */
export interface Duties {
  /** Works, properties and the tunnel, until the term ends; there may be another term. */
  act(facts: MemberFacts, term: AbortSignal): Promise<void>;
  /** Of the present term. */
  readonly tunnel: Pick<Tunnel, 'isServed'>;
}

export function createDuties(options: DutiesOptions): Duties {
  const { clusterName, memberClient, identity, member, workCache, hubUrl, kinds, isRemoved, clock, logger } = options;
  const { hubClient } = identity;
  const isLeaving = leavingOf(hubClient, clusterName);
  const word = followHubWord({ hubClient, clusterName, member, clock });
  const registeredAt = () => {
    const at = Date.parse(member.get(clusterName)?.metadata.creationTimestamp ?? '');
    return Number.isNaN(at) ? undefined : at;
  };
  let tunnel: ReturnType<typeof openTunnel>;
  return {
    tunnel: {
      get isServed() {
        return tunnel?.isServed;
      },
    },
    async act({ clusterUID, executorClient }, term) {
      const kept =
        workCache === undefined
          ? {}
          : { cache: { store: workCache, hubUrl, known: await knownHub(workCache, options) } };
      const works = runWorks(
        { ...options, ...word, ...kept, hubClient, executorClient, isLeaving, registeredAt },
        term,
      );
      tunnel = openTunnel(options, term); // two agents would take it from each other
      const properties = { memberClient, clusterName, member, clusterUID, kinds, isRemoved, clock, logger };
      await Promise.all([works, runProperties(properties, term), tunnel?.stopped]);
    },
  };
}

/** Undefined: the agent was not asked to carry one. */
function openTunnel({ tunnel, identity, hubLogger: logger, ...others }: DutiesOptions, signal: AbortSignal) {
  if (tunnel === undefined) return undefined;
  const { member, at = [] } = tunnel;
  return openTunnels({ ...others, logger, member, at, tls: identity.tls, token: identity.token }, signal);
}
