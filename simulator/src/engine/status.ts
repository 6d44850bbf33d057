import { isNotFound, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import { equalValues, type JsonValue } from '@quarterdeck/machinery';
import type { SimulationContext } from './controller.ts';

/** As in managedFields of a real cluster. */
export const fieldManagers = Object.freeze({
  workloads: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  kubelet: 'kubelet',
});

/** Writes a status where it differs from the one seen; the object must not have changed meanwhile. */
export async function writeStatus<T extends KubeObject & { status?: unknown }>(
  type: ResourceType<T>,
  seen: Stored<T>,
  status: T['status'],
  { client, signal }: SimulationContext,
  fieldManager: string = fieldManagers.workloads,
): Promise<void> {
  if (equalValues(seen.status as JsonValue | undefined, status as JsonValue | undefined)) return;
  await client.update(type, { ...seen, status }, { subresource: 'status', fieldManager, signal });
}

/** Deletes the object that was seen; another one of its name stays, and gone already is fine. */
export async function deleteSeen(
  type: ResourceType,
  seen: Stored<KubeObject>,
  { client, signal }: SimulationContext,
): Promise<void> {
  const { name, namespace, uid } = seen.metadata;
  const ref = namespace === undefined ? { name } : { namespace, name };
  try {
    await client.delete(type, ref, { preconditions: { uid }, gracePeriodSeconds: 0, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export const keyOf = ({ metadata: { namespace, name } }: KubeObject): string =>
  namespace === undefined ? (name ?? '') : `${namespace}/${name}`;
