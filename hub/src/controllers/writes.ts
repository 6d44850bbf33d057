import {
  hubFieldManager,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Client, InvariantError, type ObjectRef } from '@quarterdeck/machinery';

/** One write that a `decide` asks for. Data, so that decisions are tested without a server. */
export type Write =
  | {
      readonly verb: 'create';
      readonly type: ResourceType;
      readonly object: KubeObject;
      /** Written right after, to what was made and nothing later. Absent: nothing. */
      readonly status?: object;
    }
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

/** Two writes: a create takes no status along. A crash in between leaves an object without one. */
export function createWithStatus<T extends KubeObject & { readonly status?: object }>(
  type: ResourceType<T>,
  object: T,
  status: NonNullable<T['status']>,
): Write {
  return { verb: 'create', type, object, status };
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
  for (const write of writes) await carryOut(hubClient, write, signal);
}

/** How many independent writes are under way at once: they share the commits of the storage's lane. */
const atOnce = 32;

/**
 * Carries out writes that have nothing to do with each other, such as those to different members: one that fails holds up
 * no other. @throws the first failure that is more than a stale view, else the first, when all were tried
 */
export async function commitEach(hubClient: Client, writes: readonly Write[], signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  const waiting = writes.values();
  const lane = async () => {
    for (const write of waiting) {
      if (signal.aborted) return;
      try {
        await carryOut(hubClient, write, signal);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, writes.length) }, lane));
  signal.throwIfAborted();
  const isStale = (error: unknown) => isConflict(error) || isAlreadyExists(error);
  if (failures.length > 0) throw failures.find((error) => !isStale(error)) ?? failures[0];
}

/** Leases never guard a write alone: each update carries the version it was made from. RL-4 */
async function carryOut(hubClient: Client, write: Write, signal: AbortSignal): Promise<void> {
  const options = { signal, fieldManager: hubFieldManager, fieldValidation: 'Strict' as const };
  if ((write.verb === 'update' || write.verb === 'updateSubresource') && !write.object.metadata.resourceVersion) {
    throw new InvariantError(`an update of ${write.type.kind} ${write.object.metadata.name} without a resourceVersion`);
  }
  switch (write.verb) {
    case 'create': {
      const made = await hubClient.create(write.type, write.object, options);
      if (write.status !== undefined) {
        const object: KubeObject & { status: object } = { ...made, status: write.status };
        await hubClient.update(write.type, object, { ...options, subresource: 'status' });
      }
      break;
    }
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

async function removeExactly(hubClient: Client, write: Write & { verb: 'delete' }, signal: AbortSignal): Promise<void> {
  try {
    await hubClient.delete(write.type, write.ref, { preconditions: { uid: write.uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
