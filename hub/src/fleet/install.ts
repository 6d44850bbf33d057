import {
  type AgentIdentityMake,
  allKinds,
  allPolicies,
  apiVersionOf,
  ClusterRole,
  ClusterRoleBinding,
  ClusterSet,
  type CustomResourceDefinition,
  CustomResourceDefinition as CustomResourceDefinitionKind,
  crdOf,
  defaultClusterSet,
  hubFieldManager,
  ignoreNotFound,
  isAlreadyExists,
  type KubeObject,
  label,
  managedByValue,
  Namespace,
  type ResourceType,
  Role,
  RoleBinding,
  ServiceAccount,
  type Stored,
  systemNamespace,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';
import {
  fleetClusterRoleBindings,
  fleetClusterRoles,
  fleetRoleBindings,
  fleetRoles,
  hubServiceAccount,
  reviewsClusterRoleBinding,
  reviewsRoleBinding,
  tokenClusterRoleBinding,
  tokenClusterRoles,
} from './roles.ts';

export interface InstallOptions {
  /** An administrator of the hub's API: installing grants rights. */
  readonly adminClient: Client;
  /** Default certificate. RG-7 */
  readonly agentIdentity?: AgentIdentityMake;
  /** Whether the hub asks this Kubernetes who others are and what they may do, for its own port. Default false. RG-53 */
  readonly reviews?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Puts everything the fleet needs onto the hub's API, our own or a real Kubernetes': kinds, rights, policies, the default
 * set. Safe to run at every start and by several hubs at once. What another manager installed is not overwritten.
 */
export async function installFleet(options: InstallOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(allKinds.map((kind) => installKind(options, crdOf(kind), signal)));
  const frame = (type: ResourceType) => ({ apiVersion: apiVersionOf(type), kind: type.kind });
  const labels = { [label.managedBy]: managedByValue };
  await apply(options, Namespace, { ...frame(Namespace), metadata: { name: systemNamespace, labels } }, signal);
  await apply(
    options,
    ServiceAccount,
    { ...frame(ServiceAccount), metadata: { ...hubServiceAccount, labels } },
    signal,
  );
  for (const role of fleetClusterRoles) await apply(options, ClusterRole, role, signal);
  for (const role of fleetRoles) await apply(options, Role, role, signal);
  for (const binding of fleetClusterRoleBindings) await apply(options, ClusterRoleBinding, binding, signal);
  for (const binding of fleetRoleBindings) await apply(options, RoleBinding, binding, signal);
  await installTokenRights(options, signal);
  if (options.reviews) {
    await apply(options, ClusterRoleBinding, reviewsClusterRoleBinding, signal);
    await apply(options, RoleBinding, reviewsRoleBinding, signal);
  }
  for (const { policy, binding } of allPolicies) {
    await apply(options, ValidatingAdmissionPolicy, policy, signal);
    await apply(options, ValidatingAdmissionPolicyBinding, binding, signal);
  }
  await createOnce(
    options,
    ClusterSet,
    { ...frame(ClusterSet), metadata: { name: defaultClusterSet }, spec: {} },
    signal,
  );
}

/** What the hub need not do it may not do: tokens are given only where it was asked to give them. RG-7 */
async function installTokenRights(options: InstallOptions, signal: AbortSignal): Promise<void> {
  if (options.agentIdentity === 'token') {
    for (const role of tokenClusterRoles) await apply(options, ClusterRole, role, signal);
    await apply(options, ClusterRoleBinding, tokenClusterRoleBinding, signal);
    return;
  }
  const { name = '' } = tokenClusterRoleBinding.metadata;
  await ignoreNotFound(options.adminClient.delete(ClusterRoleBinding, { name }, { signal }));
  // With the roles what was bound in the namespaces of members comes to nothing.
  for (const { metadata } of tokenClusterRoles) {
    await ignoreNotFound(options.adminClient.delete(ClusterRole, { name: metadata.name ?? '' }, { signal }));
  }
}

/** Ours to keep true: an edited role is put back at the next start. */
async function apply<T extends KubeObject>(
  { adminClient }: InstallOptions,
  type: ResourceType<T>,
  object: T,
  signal: AbortSignal,
) {
  await adminClient.apply(type, object as Parameters<typeof adminClient.apply<T>>[1], {
    fieldManager: hubFieldManager,
    force: true,
    signal,
  });
}

/** Where it is not there; what stands is the administrators'. One that was deleted is there again after the next start. RG-12 */
async function createOnce<T extends KubeObject>(
  { adminClient }: InstallOptions,
  type: ResourceType<T>,
  object: T,
  signal: AbortSignal,
) {
  try {
    await adminClient.create(type, object, { signal, fieldManager: hubFieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/**
 * A missing CRD is made, ours is brought up to date, anybody else's is left alone: fields of our schema that it lacks are
 * reported, since objects will lose them there.
 */
async function installKind(options: InstallOptions, crd: CustomResourceDefinition, signal: AbortSignal): Promise<void> {
  const { adminClient, clock, logger } = options;
  const name = crd.metadata.name ?? '';
  const read = () => ignoreNotFound(adminClient.get(CustomResourceDefinitionKind, { name }, { signal }));
  const wanted = {
    ...crd,
    metadata: { ...crd.metadata, labels: { ...crd.metadata.labels, [label.managedBy]: managedByValue } },
  };
  const existing = await read();
  if (existing === undefined) {
    await createOnce(options, CustomResourceDefinitionKind, wanted, signal);
  } else if (existing.metadata.labels?.[label.managedBy] === managedByValue) {
    await apply(options, CustomResourceDefinitionKind, wanted, signal);
  } else {
    const missing = missingFields(crd, existing);
    if (missing.length > 0) {
      logger.warn(
        { crd: name, missing },
        'another manager installed this kind; fields of ours that it lacks are lost there',
      );
    }
  }
  while (!isEstablished(await read())) await clock.sleep(50, signal);
}

function isEstablished(crd: Stored<CustomResourceDefinition> | undefined): boolean {
  return crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
}

/** Paths of our schema that the other definition does not have, by version: `v1alpha1 spec.displayName`. */
function missingFields(ours: CustomResourceDefinition, theirs: CustomResourceDefinition): string[] {
  return ours.spec.versions.flatMap((version) => {
    const other = theirs.spec.versions.find(({ name }) => name === version.name);
    if (other === undefined) return [version.name];
    const have = new Set(fieldPaths(other.schema?.openAPIV3Schema, ''));
    return fieldPaths(version.schema?.openAPIV3Schema, '')
      .filter((path) => !have.has(path))
      .map((path) => `${version.name} ${path}`);
  });
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function fieldPaths(schema: unknown, path: string): string[] {
  const { properties = {}, items } = (schema ?? {}) as SchemaNode;
  const nested = Object.entries(properties).flatMap(([name, child]) => {
    const childPath = path === '' ? name : `${path}.${name}`;
    return [childPath, ...fieldPaths(child, childPath)];
  });
  return items === undefined ? nested : [...nested, ...fieldPaths(items, `${path}[]`)];
}
