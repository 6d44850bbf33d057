import { isAlreadyExists, type Stored } from '@quarterdeck/apis';
import { Result } from '@quarterdeck/machinery';
import type { SimulatedController, SimulationContext } from '../../engine/controller.ts';
import { workloadController } from '../../engine/owners.ts';
import { deleteSeen, fieldManagers, keyOf, writeStatus } from '../../engine/status.ts';
import { Deployment, ReplicaSet, SimPod } from '../../kinds.ts';
import { controllerOf } from '../../pods.ts';
import { sameTemplate } from '../../template-hash.ts';
import { type DeploymentStep, decideDeployment, revisionAnnotation } from './decide.ts';

const fieldManager = fieldManagers.workloads;

export const deploymentController: SimulatedController = workloadController(
  Deployment,
  async (key, context) => {
    const { world, client, signal, now } = context;
    const deployment = world.get(Deployment, key);
    if (deployment === undefined) return Result.done;
    const sets = world.ownedBy(ReplicaSet, deployment.metadata.uid);
    const { template, strategy } = deployment.spec;
    const hasOldPods =
      strategy?.type === 'Recreate' &&
      sets.some(
        (set) => !sameTemplate(set.spec.template, template) && world.ownedBy(SimPod, set.metadata.uid).length > 0,
      );
    const step = decideDeployment({ deployment, sets, hasOldPods, now });
    await createSet(step, context);
    for (const set of step.update) await client.update(ReplicaSet, set, { fieldManager, signal });
    for (const set of step.remove) await deleteSeen(ReplicaSet, set, context);
    const named = await nameRevision(deployment, step, context);
    // The annotation began a generation, of which nothing else is new.
    const status = { ...step.status, observedGeneration: named.metadata.generation ?? 1 };
    await writeStatus(Deployment, named, status, context);
    return step.requeueAfterMs === undefined ? Result.done : Result.after(Math.max(1000, step.requeueAfterMs));
  },
  ReplicaSet,
);

/** The Deployment with the revision that it shall name; refused when somebody else wrote meanwhile. */
async function nameRevision(
  deployment: Stored<Deployment>,
  { revision }: DeploymentStep,
  { client, signal }: SimulationContext,
): Promise<Stored<Deployment>> {
  if (revision === undefined) return deployment;
  const { namespace = '', name, resourceVersion } = deployment.metadata;
  const body = { metadata: { resourceVersion, annotations: { [revisionAnnotation]: revision } } };
  return await client.patch(Deployment, { namespace, name }, { type: 'merge', body }, { fieldManager, signal });
}

/** A set of the name that nobody runs any more, because its Deployment was deleted without it, is taken over. */
async function createSet({ create }: DeploymentStep, { world, client, signal }: SimulationContext): Promise<void> {
  if (create === undefined) return;
  try {
    await client.create(ReplicaSet, create, { fieldManager, signal });
  } catch (error) {
    const existing = isAlreadyExists(error) ? world.get(ReplicaSet, keyOf(create)) : undefined;
    if (existing === undefined || controllerOf(existing) !== undefined) throw error;
    const { ownerReferences = [] } = create.metadata;
    const metadata = { ...existing.metadata, ownerReferences };
    await client.update(ReplicaSet, { ...existing, metadata }, { fieldManager, signal });
  }
}
