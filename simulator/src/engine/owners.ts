import { Pod, type ResourceType } from '@quarterdeck/apis';
import { controllerOf } from '../pods.ts';
import type { SimulatedController, WorldChange } from './controller.ts';
import { keyOf } from './status.ts';

/** A controller of one kind whose objects run others: woken by its own objects and by what they run. */
export function workloadController(
  type: ResourceType,
  reconcile: SimulatedController['reconcile'],
  runs: ResourceType = Pod,
): SimulatedController {
  return {
    name: type.kind,
    watches: [type, runs],
    reconcile,
    wakes: (change) => (change.object.kind === type.kind ? [keyOf(change.object)] : ownerKeys(change, type.kind)),
  };
}

/** Keys of the objects of a kind that run, or ran, the changed one. */
function ownerKeys({ object, old }: WorldChange, kind: string): string[] {
  const owners = [object, old].flatMap((one) => (one === undefined ? [] : [controllerOf(one)]));
  const names = owners.flatMap((owner) => (owner?.kind === kind ? [owner.name] : []));
  return [...new Set(names)].map((name) => `${object.metadata.namespace}/${name}`);
}
