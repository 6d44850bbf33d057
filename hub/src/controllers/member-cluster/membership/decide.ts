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
  /** Members of the same set that report the same id, this one perhaps among them. */
  readonly namesakes: readonly Stored<MemberCluster>[];
  /** Whether there is a ClusterSet of the name that the member is registered in. */
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
 * be read for a while ends no membership; one that changes does, and begins another. Pure and total. AB-9, AB-27, AB-28, AB-30
 */
export function decide(seen: Seen, now: EpochMs): Decision {
  const { member } = seen;
  if (member.spec.acceptance !== 'Accepted' || isTerminating(member)) return { writes: [] };
  const change = verdict(seen);
  if (change === undefined) return { writes: [] };
  const observedGeneration = member.metadata.generation ?? 0;
  const conditions = setCondition(member.status?.conditions, { ...change, observedGeneration }, now);
  const { clusterId: _before, ...rest } = member.status ?? {};
  const id = change.status === 'True' ? clusterIdOf(member) : undefined;
  const status = { ...rest, conditions, ...(id === undefined ? {} : { clusterId: id }) };
  return { writes: changeMemberStatus(member, status) };
}

const type = conditionType.MemberCluster.InClusterSet;

function verdict({ member, namesakes, isSetThere }: Seen): ConditionChange | undefined {
  const id = clusterIdOf(member);
  const set = member.spec.clusterSet;
  const no = (reason: string, message: string): ConditionChange => ({ type, status: 'False', reason, message });
  if (!isSetThere && set !== undefined) {
    const what = `there is no ClusterSet ${set}: make it, or correct spec.clusterSet`;
    return no(MemberClusterReason.ClusterSetNotFound, `${what}; until then no placement chooses this cluster anew`);
  }
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
  return { type, status: 'True', reason: MemberClusterReason.InClusterSet, message: '' };
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
