import {
  ignoreNotFound,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  resourceType,
} from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { bindingObject, mergeBinding, mergeRole, roleObject } from './bootstrap-merge.ts';
import { type BootstrapBinding, type BootstrapRole, bootstrapBindings, bootstrapRoles } from './bootstrap-rbac.ts';
import { rbacGroup } from './rbac-objects.ts';

const types = {
  Role: resourceType<KubeObject>(rbacGroup, 'v1', 'Role', 'roles', 'Namespaced'),
  ClusterRole: resourceType<KubeObject>(rbacGroup, 'v1', 'ClusterRole', 'clusterroles', 'Cluster'),
  RoleBinding: resourceType<KubeObject>(rbacGroup, 'v1', 'RoleBinding', 'rolebindings', 'Namespaced'),
  ClusterRoleBinding: resourceType<KubeObject>(rbacGroup, 'v1', 'ClusterRoleBinding', 'clusterrolebindings', 'Cluster'),
};
/** Two hubs that start at once get in each other's way a few times at most. */
const attempts = 5;

export interface BootstrapRbacOptions {
  readonly signal?: AbortSignal;
  /** Beside the server's own; for example the fleet's. */
  readonly roles?: readonly BootstrapRole[];
  readonly bindings?: readonly BootstrapBinding[];
}

/**
 * Makes the bootstrap roles and bindings exist and hold at least what they should. Safe to run at every start and on
 * several hubs at once. The client must act for `system:masters`, and the namespaces must exist. KA-129, KA-148
 */
export async function ensureBootstrapRbac(client: Client, options: BootstrapRbacOptions = {}): Promise<void> {
  const roles = [...bootstrapRoles, ...(options.roles ?? [])];
  const bindings = [...bootstrapBindings, ...(options.bindings ?? [])];
  // All at once: they share one batch of the database.
  await Promise.all(roles.map((role) => untilSettled(() => ensureRole(client, role, options.signal))));
  await Promise.all(bindings.map((binding) => untilSettled(() => ensureBinding(client, binding, options.signal))));
}

async function ensureRole(client: Client, role: BootstrapRole, signal: AbortSignal | undefined): Promise<void> {
  const call = callOptions(signal);
  const type = role.namespace === undefined ? types.ClusterRole : types.Role;
  const wanted = roleObject(role);
  const stored = await ignoreNotFound(client.get(type, refOf(role), call));
  if (stored === undefined) {
    await client.create(type, asObject(wanted), call);
    return;
  }
  const merged = mergeRole(asJson(stored), wanted);
  if (merged !== undefined) await client.update(type, asObject(merged), call);
}

async function ensureBinding(
  client: Client,
  binding: BootstrapBinding,
  signal: AbortSignal | undefined,
): Promise<void> {
  const call = callOptions(signal);
  const type = binding.namespace === undefined ? types.ClusterRoleBinding : types.RoleBinding;
  const wanted = bindingObject(binding);
  const stored = await ignoreNotFound(client.get(type, refOf(binding), call));
  if (stored === undefined) {
    await client.create(type, asObject(wanted), call);
    return;
  }
  const change = mergeBinding(asJson(stored), wanted);
  if (change === undefined) return;
  if (change.type === 'update') {
    await client.update(type, asObject(change.object), call);
    return;
  }
  await client.delete(type, refOf(binding), { ...call, preconditions: { uid: stored.metadata.uid } });
  await client.create(type, asObject(change.object), call);
}

/** Another hub may have been faster: look again. */
async function untilSettled(ensure: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ensure();
    } catch (error) {
      const isRace = isAlreadyExists(error) || isConflict(error) || isNotFound(error);
      if (!isRace || attempt === attempts) throw error;
    }
  }
}

const refOf = ({ name, namespace }: { name: string; namespace?: string }) =>
  namespace === undefined ? { name } : { name, namespace };

const callOptions = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
const asObject = (value: JsonObject): KubeObject => value as unknown as KubeObject;
const asJson = (object: KubeObject): JsonObject => object as unknown as JsonObject;
