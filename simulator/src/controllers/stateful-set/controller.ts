import { Result } from '@quarterdeck/machinery';
import type { SimulatedController } from '../../engine/controller.ts';
import { workloadController } from '../../engine/owners.ts';
import { deleteSeen, fieldManagers, writeStatus } from '../../engine/status.ts';
import { SimPod, SimStatefulSet } from '../../kinds.ts';
import { podFrom } from '../../pods.ts';
import { revisionHash } from '../../template-hash.ts';
import { decideStatefulSet, updateRevision } from './decide.ts';

export const statefulSetController: SimulatedController = workloadController(SimStatefulSet, async (key, context) => {
  const { world, client, signal, now } = context;
  const set = world.get(SimStatefulSet, key);
  if (set === undefined) return Result.done;
  const step = decideStatefulSet(set, world.ownedBy(SimPod, set.metadata.uid), now);
  for (const ordinal of step.create) {
    const name = `${set.metadata.name}-${ordinal}`;
    const labels = {
      [revisionHash]: updateRevision(set),
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    };
    const pod = podFrom(set, set.spec.template, labels);
    const named: SimPod = {
      ...pod,
      metadata: { ...pod.metadata, name },
      ...(pod.spec === undefined ? {} : { spec: { ...pod.spec, hostname: name } }),
    };
    await client.create(SimPod, named, { fieldManager: fieldManagers.workloads, signal });
  }
  for (const pod of step.remove) await deleteSeen(SimPod, pod, context);
  await writeStatus(SimStatefulSet, set, step.status, context);
  return step.requeueAfterMs === undefined ? Result.done : Result.after(step.requeueAfterMs);
});
