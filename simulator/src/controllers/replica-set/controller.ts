import { Result } from '@quarterdeck/machinery';
import type { SimulatedController } from '../../engine/controller.ts';
import { workloadController } from '../../engine/owners.ts';
import { deleteSeen, fieldManagers, writeStatus } from '../../engine/status.ts';
import { ReplicaSet, SimPod } from '../../kinds.ts';
import { podFrom } from '../../pods.ts';
import { decideReplicaSet } from './decide.ts';

export const replicaSetController: SimulatedController = workloadController(ReplicaSet, async (key, context) => {
  const { world, client, signal, now } = context;
  const set = world.get(ReplicaSet, key);
  if (set === undefined) return Result.done;
  const { create, remove, status, requeueAfterMs } = decideReplicaSet(
    set,
    world.ownedBy(SimPod, set.metadata.uid),
    now,
  );
  const pod = podFrom(set, set.spec.template ?? {}, {});
  const named = { ...pod, metadata: { ...pod.metadata, generateName: `${set.metadata.name}-` } };
  for (let made = 0; made < create; made++) {
    await client.create(SimPod, named, { fieldManager: fieldManagers.workloads, signal });
  }
  for (const victim of remove) await deleteSeen(SimPod, victim, context);
  // Each pod that came or went brings the set back, to be told of with it.
  if (create + remove.length > 0) return Result.done;
  await writeStatus(ReplicaSet, set, { ...status, ...conditionsOf(set.status) }, context);
  return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
});

/** Those of others are kept. */
const conditionsOf = (status: ReplicaSet['status']) =>
  status?.conditions === undefined ? {} : { conditions: status.conditions };
