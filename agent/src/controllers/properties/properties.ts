import {
  agentFieldManager,
  apiVersionOf,
  ClusterProperty,
  conditionType,
  findCondition,
  ignoreNotFound,
  isAlreadyExists,
  isNotFound,
  type MemberCluster,
  propertyName,
  propertyValueProblem,
  type Stored,
} from '@quarterdeck/apis';
import type { Client, Clock, Informer, Logger } from '@quarterdeck/machinery';
import type { MemberKinds } from '../../member/install.ts';
import { createWaker } from '../../waker.ts';

export interface PropertiesOptions {
  readonly memberClient: Client;
  readonly member: Informer<MemberCluster>;
  readonly clusterName: string;
  /** Whether the hub knows the agent and has refused it for a while: the cluster is no member any more. Default: never. AB-22 */
  readonly isRemoved?: () => boolean;
  /** Identity to give a cluster that has none. AB-16 */
  readonly clusterUID: string;
  readonly kinds: Pick<MemberKinds, 'install'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often the properties are looked at without a reason; whoever deletes one on the member sees it come back. AB-31 */
const periodMs = 60_000;
const retryMs = 5_000;

/**
 * Keeps the two well-known properties of the cluster: its identity, written only if absent (AB-28), and its set, once the
 * hub has recorded the membership and until it leaves (AB-29) or is removed without its agent (AB-22). Properties of others are
 * never touched. Where somebody has taken their kind away since the agent began, it is installed again first (AB-31). Ends with
 * the signal.
 */
export async function runProperties(options: PropertiesOptions, signal: AbortSignal): Promise<void> {
  const { memberClient, member, clusterName, clusterUID, clock, logger } = options;
  const waker = createWaker(clock);
  const unsubscribe = member.subscribe(({ object, old }) => {
    if (old === undefined || membershipOf(object) !== membershipOf(old)) waker.wake();
  });
  await member.synced.catch(() => {});
  let isKindGone = false;
  while (!signal.aborted) {
    let pauseMs = periodMs;
    try {
      if (isKindGone) await options.kinds.install(signal);
      isKindGone = false;
      await createIfAbsent(memberClient, propertyName.clusterId, clusterUID, signal);
      const registration = member.get(clusterName);
      const membership =
        options.isRemoved?.() === true
          ? undefined
          : registration === undefined
            ? undecided
            : membershipOf(registration);
      if (membership !== undecided) await keepMembership(memberClient, membership, signal);
    } catch (error) {
      if (signal.aborted) break;
      pauseMs = retryMs;
      isKindGone ||= isNotFound(error);
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'cannot keep the cluster properties; trying again',
      );
    }
    await waker.wait(pauseMs, signal);
  }
  unsubscribe();
}

/** The hub has not said yet whether the cluster is a member of its set: what stands, stands. */
const undecided = Symbol('undecided');

/** The set that the hub recorded; undefined while the cluster is no member of it, and once it is leaving. AB-27, AB-29 */
function membershipOf({ metadata, spec, status }: Stored<MemberCluster>): string | undefined | typeof undecided {
  if (spec.acceptance !== 'Accepted' || metadata.deletionTimestamp !== undefined) return undefined;
  switch (findCondition(status?.conditions, conditionType.MemberCluster.InClusterSet)?.status) {
    case 'True':
      // An older hub does not say, and knows no other than the one that is named.
      return status?.clusterSet ?? spec.clusterSet;
    case 'False':
      return undefined;
    default:
      return undecided;
  }
}

/** Takes the membership off a cluster that is no member any more. AB-22 */
export const endMembership = (memberClient: Client, signal: AbortSignal): Promise<void> =>
  keepMembership(memberClient, undefined, signal);

/** AB-21 to AB-23: an immutable value that changes is another membership, so delete and create. */
async function keepMembership(memberClient: Client, wanted: string | undefined, signal: AbortSignal): Promise<void> {
  const name = propertyName.clusterSet;
  const existing = await ignoreNotFound(memberClient.get(ClusterProperty, { name }, { signal }));
  if (existing !== undefined && existing.spec?.value !== wanted) {
    try {
      await memberClient.delete(ClusterProperty, { name }, { preconditions: { uid: existing.metadata.uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  if (wanted !== undefined && existing?.spec?.value !== wanted)
    await createIfAbsent(memberClient, name, wanted, signal);
}

/** @throws Error when the value is more than a property may hold. AB-1 */
async function createIfAbsent(memberClient: Client, name: string, value: string, signal: AbortSignal): Promise<void> {
  const problem = propertyValueProblem(value);
  if (problem !== undefined) throw new Error(`ClusterProperty ${name}: ${problem}`);
  if ((await ignoreNotFound(memberClient.get(ClusterProperty, { name }, { signal }))) !== undefined) return;
  const object: ClusterProperty = {
    apiVersion: apiVersionOf(ClusterProperty),
    kind: ClusterProperty.kind,
    metadata: { name },
    spec: { value },
  };
  try {
    await memberClient.create(ClusterProperty, object, { signal, fieldManager: agentFieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
