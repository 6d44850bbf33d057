import { ignoreNotFound, type Stored } from '@quarterdeck/apis';
import { Result } from '@quarterdeck/machinery';
import type { SimulatedController, SimulationContext } from '../../engine/controller.ts';
import { workloadController } from '../../engine/owners.ts';
import { deleteSeen, fieldManagers, writeStatus } from '../../engine/status.ts';
import { SimJob, SimPod, type StoredPod } from '../../kinds.ts';
import { podFrom } from '../../pods.ts';
import { decideJob, indexAnnotation } from './decide.ts';
import { trackingFinalizer } from './decide-count.ts';

const fieldManager = fieldManagers.workloads;

export const jobController: SimulatedController = workloadController(SimJob, async (key, context) => {
  const { world, client, signal, now } = context;
  const job = world.get(SimJob, key);
  if (job === undefined) return Result.done;
  const step = decideJob(job, world.ownedBy(SimPod, job.metadata.uid), now);
  if (step.expired) {
    await deleteSeen(SimJob, job, context);
    return Result.done;
  }
  // Written down before it is acted on: a try that is cut off here counts nothing twice.
  await writeStatus(SimJob, job, step.status, context);
  for (const pod of step.release) await release(pod, context);
  for (const pod of step.remove) await deleteSeen(SimPod, pod, context);
  for (const index of step.create) await client.create(SimPod, podOf(job, index), { fieldManager, signal });
  return step.requeueAfterMs === undefined ? Result.done : Result.after(step.requeueAfterMs);
});

async function release({ metadata }: StoredPod, { client, signal }: SimulationContext): Promise<void> {
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== trackingFinalizer);
  const { namespace = '', name, uid } = metadata;
  const body = { metadata: { uid, finalizers: finalizers.length === 0 ? null : finalizers } };
  const patch = { type: 'merge' as const, body };
  await ignoreNotFound(client.patch(SimPod, { namespace, name }, patch, { fieldManager, signal }));
}

function podOf(job: Stored<SimJob>, index: number | undefined): SimPod {
  const pod = podFrom(job, job.spec.template, {});
  const { metadata } = job;
  const isIndexed = index !== undefined;
  const indexed = isIndexed ? { [indexAnnotation]: String(index) } : {};
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, ...indexed },
      ...(isIndexed ? { annotations: { ...pod.metadata.annotations, ...indexed } } : {}),
      generateName: isIndexed ? `${metadata.name}-${index}-` : `${metadata.name}-`,
      finalizers: [trackingFinalizer],
    },
  };
}
