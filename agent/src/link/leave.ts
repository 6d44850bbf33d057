import { agentFieldManager, formatTime, ignoreNotFound, MemberCluster } from '@quarterdeck/apis';
import { type Clock, createHttpClient, systemClock } from '@quarterdeck/machinery';
import { heldOf } from './held.ts';
import { refuseOther } from './kept-identity.ts';
import type { StateStore } from './state-store.ts';
import { isRefusal, orGone, untilGone } from './until-gone.ts';

export interface LeaveOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
  readonly store: StateStore;
  /** Told what the leaving waits for, each time that this changes. */
  readonly onProgress: (message: string) => void;
  /** Default: the real one. */
  readonly clock?: Clock;
}

/**
 * Asks the hub, as the member itself, to let it leave the fleet, and waits until it has. The agent that runs on the member
 * goes on meanwhile, since it is the one that lets go of the Works. RG-40
 * @returns whether there was anything to leave
 * @throws Error when the agent has never joined, or the hub takes it for no member; ApiError when the hub does not answer
 */
export async function leaveFleet(options: LeaveOptions, signal: AbortSignal): Promise<boolean> {
  const { clusterName, hubUrl, proxy, store, onProgress, clock = systemClock } = options;
  const state = await store.load();
  const { hubCa } = state;
  const held = heldOf(state);
  if (held === undefined || hubCa === undefined) {
    throw new Error(`${clusterName} has not joined: there is no certificate and no token in the state of its agent`);
  }
  refuseOther(held, clusterName);
  const identity =
    held.make === 'certificate'
      ? { tls: { ca: hubCa, cert: held.certificate, key: held.key } }
      : { tls: { ca: hubCa }, token: held.token };
  await using hubClient = createHttpClient({
    baseUrl: hubUrl,
    ...(proxy === undefined ? {} : { proxy }),
    ...identity,
    userAgent: 'quarterdeck-agent',
    clock,
  });
  const get = () => hubClient.get(MemberCluster, { name: clusterName }, { signal });
  // Before anything was asked a refusal may mean as well that the member is denied, and that all of it is still there.
  const found = await ignoreNotFound(get()).catch((error: unknown) => {
    throw isRefusal(error) ? new Error(refusedText(clusterName), { cause: error }) : error;
  });
  if (found === undefined) return false;
  const body = { status: { leaveRequestedTime: formatTime(clock.now()) } };
  const how = { subresource: 'status', fieldManager: `${agentFieldManager}-leave`, signal } as const;
  await orGone(hubClient.patch(MemberCluster, { name: clusterName }, { type: 'merge', body }, how));
  await untilGone({ read: get, onProgress, clock }, signal);
  return true;
}

const refusedText = (clusterName: string) =>
  `the hub takes this agent for no member, and nothing was done: ${clusterName} has left or was removed already, or it is denied, or what its agent proves itself by has expired; kubectl get membercluster ${clusterName} tells on the hub`;
