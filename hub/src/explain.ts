import {
  ClusterProfile,
  ClusterSet,
  ClusterSetBinding,
  clusterSetNamespaceName,
  label,
  MemberCluster,
  Placement,
  PlacementDecision,
} from '@quarterdeck/apis';
import type { Clock, ObjectRef, Reader } from '@quarterdeck/machinery';
import { scheduleSeen } from './controllers/placement/decision/decide.ts';
import { viewOf } from './scheduler/compile.ts';
import type { Outcome } from './scheduler/schedule.ts';

/**
 * Why each cluster was chosen or not, with the caller's own rights, by the very function that chooses. PL-34
 * @throws ApiError NotFound without the placement; Error when its policy cannot be evaluated
 */
export async function explainPlacement(client: Reader, ref: ObjectRef, clock: Clock): Promise<Outcome> {
  const placement = await client.get(Placement, ref);
  const namespace = placement.metadata.namespace ?? '';
  const [bindings, members, sets, profiles, slices] = await Promise.all([
    client.list(ClusterSetBinding, { namespace }),
    client.list(MemberCluster),
    client.list(ClusterSet),
    client.list(ClusterProfile),
    client.list(PlacementDecision, { namespace, labelSelector: `${label.decisionKey}=${placement.metadata.uid}` }),
  ]);
  const homes = new Map(sets.items.map(({ metadata, status }) => [metadata.name, status?.namespace]));
  const byKey = new Map(
    profiles.items.map((profile) => [`${profile.metadata.namespace}/${profile.metadata.name}`, profile]),
  );
  const clusters = members.items.map((member) => {
    const home = homes.get(member.spec.clusterSet) ?? clusterSetNamespaceName(member.spec.clusterSet);
    return viewOf(member, home, byKey.get(`${home}/${member.metadata.name}`));
  });
  const outcome = scheduleSeen({ placement, slices: slices.items, bindings: bindings.items, clusters }, clock.now());
  if ('problem' in outcome)
    throw new Error(`placement ${namespace}/${ref.name} cannot be explained: ${outcome.problem}`);
  return outcome;
}
