import { Result } from '@quarterdeck/machinery';
import type { SimulatedController } from '../../engine/controller.ts';
import { workloadController } from '../../engine/owners.ts';
import { deleteSeen, fieldManagers, keyOf, writeStatus } from '../../engine/status.ts';
import { Node, SimDaemonSet, SimPod } from '../../kinds.ts';
import { podFrom } from '../../pods.ts';
import { revisionHash } from '../../template-hash.ts';
import { daemonRevision, daemonTolerations, decideDaemonSet } from './decide.ts';

const workloads = workloadController(SimDaemonSet, async (key, context) => {
  const { world, client, signal, now } = context;
  const set = world.get(SimDaemonSet, key);
  if (set === undefined) return Result.done;
  const step = decideDaemonSet(set, world.ownedBy(SimPod, set.metadata.uid), world.list(Node), now);
  const labels = {
    [revisionHash]: daemonRevision(set),
    'pod-template-generation': String(set.metadata.generation ?? 1),
  };
  for (const node of step.create) {
    const pod = podFrom(set, set.spec.template, labels);
    const named = { ...pod, metadata: { ...pod.metadata, generateName: `${set.metadata.name}-` } };
    await client.create(SimPod, boundTo(named, node), { fieldManager: fieldManagers.workloads, signal });
  }
  for (const pod of step.remove) await deleteSeen(SimPod, pod, context);
  await writeStatus(SimDaemonSet, set, step.status, context);
  return step.requeueAfterMs === undefined ? Result.done : Result.after(step.requeueAfterMs);
});

/** Every DaemonSet looks at a node that comes, goes or changes. */
export const daemonSetController: SimulatedController = {
  ...workloads,
  watches: [...workloads.watches, Node],
  wakes: (change, world) =>
    change.object.kind === 'Node' ? world.list(SimDaemonSet).map(keyOf) : workloads.wakes(change, world),
};

/** The scheduler binds it, and can only bind it to that node. */
function boundTo(pod: SimPod, node: string): SimPod {
  if (pod.spec === undefined) return pod;
  const field = { key: 'metadata.name', operator: 'In' as const, values: [node] };
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [field] }] },
  };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      affinity: { ...pod.spec.affinity, nodeAffinity },
      tolerations: [...(pod.spec.tolerations ?? []), ...daemonTolerations],
    },
  };
}
