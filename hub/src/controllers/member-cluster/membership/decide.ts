import {
  type ConditionChange,
  conditionType,
  findCondition,
  isConditionTrue,
  type MemberCluster,
  MemberClusterReason,
  propertyName,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import { beginningOf, dns1123LabelProblems, type EpochMs } from '@quarterdeck/machinery';
import { isTerminating } from '../../metadata.ts';
import { changeMemberStatus, type Write } from '../../writes.ts';

export interface Seen {
  readonly member: Stored<MemberCluster>;
  /** Name of the set that it is in: the one it was in before, while there is none of the name in its spec. */
  readonly clusterSet: string;
  /** Members of that set that report the same id, this one perhaps among them. */
  readonly namesakes: readonly Stored<MemberCluster>[];
  /** Whether there is a ClusterSet of the name in its spec. */
  readonly isNamedSetThere: boolean;
  /** Whether there is one of the name of the set that it is in. */
  readonly isSetThere: boolean;
}

export interface Decision {
  readonly writes: readonly Write[];
}

/** The id by which a member is known in its set, as it reports it. */
export function clusterIdOf({ status }: MemberCluster): string | undefined {
  return status?.properties?.find(({ name }) => name === propertyName.clusterId)?.value;
}

/**
 * Whether a member may be one of its ClusterSet: it has an id, that can be a DNS label, that no other member of the set has.
 * Only then its agent writes the membership property. The hub never rewrites an id; it says what is wrong. An id that cannot
 * be read for a while ends no membership; one that changes does, and begins another. AB-9, AB-27, AB-28, AB-30
 *
 * It records the set too: from a set that it is in a member goes to one that is there, and to no other. Pure and total. PL-21
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { member } = seen;
  if (isTerminating(member)) return { writes: [] };
  if (member.spec.acceptance !== 'Accepted') return { writes: outOfAllSets(member) };
  const recorded = { ...member.status, ...(seen.isNamedSetThere ? { clusterSet: member.spec.clusterSet } : {}) };
  const change = verdict(seen);
  if (change === undefined) return { writes: changeMemberStatus(member, recorded) };
  const observedGeneration = member.metadata.generation ?? 0;
  const conditions = setCondition(member.status?.conditions, { ...change, observedGeneration }, now);
  const { clusterId: _before, ...rest } = recorded;
  const id = change.status === 'True' ? (clusterIdOf(member) ?? member.status?.clusterId) : undefined;
  const status = { ...rest, conditions, ...(id === undefined ? {} : { clusterId: id }) };
  return { writes: changeMemberStatus(member, status) };
}

/** One that is not accepted is in no set, and comes into the next one as if it never was in one. RG-3 */
function outOfAllSets(member: Stored<MemberCluster>): Write[] {
  if (member.status?.clusterSet === undefined) return [];
  const { clusterSet: _before, ...status } = member.status;
  return changeMemberStatus(member, status);
}

const type = conditionType.MemberCluster.InClusterSet;
const inSet: ConditionChange = { type, status: 'True', reason: MemberClusterReason.InClusterSet, message: '' };
const no = (reason: string, message: string): ConditionChange => ({ type, status: 'False', reason, message });

/** Of a set that is not there the member stays in the one it was in, if it was in one that is, and if its id is good there. */
function verdict(seen: Seen): ConditionChange | undefined {
  if (!seen.isSetThere) return no(MemberClusterReason.ClusterSetNotFound, noSetText(seen));
  const change = verdictOnId(seen);
  const before = findCondition(seen.member.status?.conditions, type);
  if (seen.isNamedSetThere) {
    const isToldOtherwise = before?.reason === MemberClusterReason.NextClusterSetNotFound;
    return change ?? (isToldOtherwise ? inSet : undefined);
  }
  const held = heldText(seen);
  const isIn = change === undefined ? before?.status === 'True' : change.status === 'True';
  if (isIn) return { ...inSet, reason: MemberClusterReason.NextClusterSetNotFound, message: held };
  if (change !== undefined) return { ...change, message: `${change.message}; ${held}` };
  // Only when the old membership is off the cluster. AB-30
  if (before?.reason === MemberClusterReason.ClusterIdChanged) return undefined;
  return no(MemberClusterReason.ClusterSetNotFound, held);
}

const noSetText = ({ member: { spec }, clusterSet }: Seen): string =>
  spec.clusterSet === clusterSet
    ? `there is no ClusterSet ${clusterSet}: make it, or correct spec.clusterSet; until then no placement chooses this cluster anew`
    : `there is no ClusterSet ${spec.clusterSet}, and none of the name ${clusterSet} any more, in which the cluster was: make one of them, or correct spec.clusterSet; until then no placement chooses this cluster anew`;

const heldText = ({ member: { spec }, clusterSet }: Seen): string =>
  `the ClusterSet "${spec.clusterSet}" does not exist; the cluster stays in "${clusterSet}" until it does or spec.clusterSet names one that does, and no placement chooses it anew`;

function verdictOnId({ member, namesakes, clusterSet: set }: Seen): ConditionChange | undefined {
  const id = clusterIdOf(member);
  if (id === undefined) {
    if (member.status?.properties === undefined) return undefined; // nothing is reported yet
    if (isConditionTrue(member.status?.conditions, type)) return undefined;
    return no(
      MemberClusterReason.NoClusterId,
      `the member has not reported its ClusterProperty ${propertyName.clusterId}; its agent makes one where there is none`,
    );
  }
  const before = findCondition(member.status?.conditions, type);
  const joinedAs = member.status?.clusterId;
  if (before?.status === 'True' && joinedAs !== undefined && joinedAs !== id) {
    return no(MemberClusterReason.ClusterIdChanged, changedText(joinedAs, id));
  }
  // It joins again when the agent has taken the old membership off the cluster. AB-30
  if (before?.reason === MemberClusterReason.ClusterIdChanged && saysMember(member)) return undefined;
  const [problem] = dns1123LabelProblems(id);
  if (problem !== undefined) {
    const what = `its ClusterProperty ${propertyName.clusterId}="${beginningOf(id, 80)}" cannot be the id of a cluster: ${problem}`;
    return no(MemberClusterReason.InvalidClusterId, `${what}; change it on the member`);
  }
  const rival = namesakes.find((other) => isRival(other, member));
  if (rival !== undefined) {
    const what = `MemberCluster ${rival.metadata.name} has the id "${id}" in the set ${set}`;
    return no(
      MemberClusterReason.DuplicateClusterId,
      `${what}; give this member another ClusterProperty ${propertyName.clusterId}, or put it into another set`,
    );
  }
  return inSet;
}

const changedText = (before: string, id: string) =>
  `the member joined the set as "${before}" and says now to be "${beginningOf(id, 80)}": it leaves the set, and joins it again under the new id`;

const saysMember = ({ status }: MemberCluster) =>
  status?.properties?.some(({ name }) => name === propertyName.clusterSet) === true;

/** Who is in the set stays; of two that come, the older one is first. */
function isRival(other: Stored<MemberCluster>, member: Stored<MemberCluster>): boolean {
  if (other.metadata.uid === member.metadata.uid) return false;
  if (other.spec.acceptance !== 'Accepted' || isTerminating(other)) return false;
  const isIn = ({ status }: MemberCluster) => findCondition(status?.conditions, type)?.status === 'True';
  if (isIn(other) !== isIn(member)) return isIn(other);
  const age = ({ metadata }: Stored<MemberCluster>) => `${metadata.creationTimestamp} ${metadata.name}`;
  return age(other) < age(member);
}
