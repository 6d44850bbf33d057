import { isConflict, isNotFound, type KubeObject, type ResourceType } from '@quarterdeck/apis';
import type { Client, ObjectRef } from '@quarterdeck/machinery';
import { fieldManager } from '../context.ts';
import type { Collectable } from './collectable.ts';
import type { Step } from './decide.ts';

/**
 * Carries out one step. Nothing is written to another object than the one seen: uid and resourceVersion are conditions.
 * Gone already is fine. @throws ApiError Conflict when it changed meanwhile: look again
 */
export async function applyStep(
  step: Step,
  type: ResourceType,
  collectorClient: Client,
  signal: AbortSignal,
): Promise<void> {
  const { object } = step;
  const ref = refOf(object);
  try {
    if (step.type === 'delete') {
      const preconditions = { uid: object.uid, resourceVersion: object.resourceVersion };
      await collectorClient.delete(type, ref, { propagationPolicy: step.policy, preconditions, signal });
      return;
    }
    const body = { metadata: { uid: object.uid, resourceVersion: object.resourceVersion, ...changeOf(step) } };
    await collectorClient.patch<KubeObject>(type, ref, { type: 'merge', body }, { fieldManager, signal });
  } catch (error) {
    if (isNotFound(error)) return;
    // Another object has taken the name: the one that was seen is gone.
    if (isConflict(error) && !(await isStillThere(object, type, collectorClient, signal))) return;
    throw error;
  }
}

/** A list becomes null when it is empty, so that no empty list is left behind. */
function changeOf(step: Exclude<Step, { type: 'delete' }>) {
  switch (step.type) {
    case 'setOwners':
      return { ownerReferences: step.owners.length === 0 ? null : step.owners };
    case 'setFinalizers':
      return { finalizers: step.finalizers.length === 0 ? null : step.finalizers };
  }
}

async function isStillThere(
  object: Collectable,
  type: ResourceType,
  collectorClient: Client,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const found = await collectorClient.get(type, refOf(object), { signal });
    return found.metadata.uid === object.uid;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function refOf({ key }: Collectable): ObjectRef {
  return key.namespace === '' ? { name: key.name } : { namespace: key.namespace, name: key.name };
}
