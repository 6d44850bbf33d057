import { hubFieldManager, isNotFound, type KubeObject, type ResourceType, type Stored } from '@quarterdeck/apis';
import type { Client, ObjectRef } from '@quarterdeck/machinery';

/** One write that a `decide` asks for. Data, so that decisions are tested without a server. */
export type Write =
  | { readonly verb: 'create'; readonly type: ResourceType; readonly object: KubeObject }
  /** Conditional on the resourceVersion that `object` carries. */
  | { readonly verb: 'update'; readonly type: ResourceType; readonly object: KubeObject }
  | {
      readonly verb: 'updateSubresource';
      readonly subresource: 'status' | 'approval';
      readonly type: ResourceType;
      readonly object: KubeObject;
    }
  /** Only this very object: by uid. */
  | { readonly verb: 'delete'; readonly type: ResourceType; readonly ref: ObjectRef; readonly uid: string };

export function create<T extends KubeObject>(type: ResourceType<T>, object: T): Write {
  return { verb: 'create', type, object };
}

export function update<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'update', type, object };
}

export function updateStatus<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'updateSubresource', subresource: 'status', type, object };
}

export function remove<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): Write {
  return { verb: 'delete', type, ref: refOf(object), uid: object.metadata.uid };
}

function refOf(object: Stored<KubeObject>): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

/**
 * Carries the writes out, in order, and stops at the first failure: a decide's order is part of its meaning. A conflict or
 * an AlreadyExists means that the view was stale; the controller's loop looks again.
 */
export async function commit(hubClient: Client, writes: readonly Write[], signal: AbortSignal): Promise<void> {
  const options = { signal, fieldManager: hubFieldManager, fieldValidation: 'Strict' as const };
  for (const write of writes) {
    switch (write.verb) {
      case 'create':
        await hubClient.create(write.type, write.object, options);
        break;
      case 'update':
        await hubClient.update(write.type, write.object, options);
        break;
      case 'updateSubresource':
        await hubClient.update(write.type, write.object, { ...options, subresource: write.subresource });
        break;
      case 'delete':
        await removeExactly(hubClient, write, signal);
        break;
    }
  }
}

async function removeExactly(hubClient: Client, write: Write & { verb: 'delete' }, signal: AbortSignal): Promise<void> {
  try {
    await hubClient.delete(write.type, write.ref, { preconditions: { uid: write.uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
