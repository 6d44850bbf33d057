import { ClusterRoleBinding, isAlreadyExists } from '@quarterdeck/apis';
import type { Pki, UserInfo } from '@quarterdeck/apiserver';
import { buildKubeconfig, type Client, type HttpClientOptions } from '@quarterdeck/machinery';

/**
 * All members trust one CA, so that an identity must not mean anything but in its own member: administrators are of a
 * group with the member's name in it, which only that member binds to cluster-admin. Nobody is of system:masters.
 */
export function administrator(memberName: string): UserInfo {
  return {
    name: `simulated:${memberName}:admin`,
    groups: [adminGroup(memberName), 'system:authenticated'],
  };
}

const adminGroup = (memberName: string): string => `simulated:${memberName}:admins`;

export interface AdminAccess {
  /** YAML, everything inline. */
  readonly kubeconfig: string;
  readonly client: HttpClientOptions;
}

export async function adminAccess(pki: Pki, memberName: string, url: string): Promise<AdminAccess> {
  const { certificate, key } = await pki.issueClient({
    user: administrator(memberName).name,
    groups: [adminGroup(memberName)],
  });
  const { caBundle } = pki;
  const user = { certPem: certificate, keyPem: key };
  return {
    kubeconfig: buildKubeconfig({ server: url, caPem: caBundle, user, name: memberName }),
    client: { baseUrl: url, tls: { ca: caBundle, cert: certificate, key } },
  };
}

/** Lets the administrators of a member do everything there. */
export async function bindAdministrators(client: Client, memberName: string, signal: AbortSignal): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const binding: ClusterRoleBinding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'simulated:admins' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: group, kind: 'Group', name: adminGroup(memberName) }],
  };
  try {
    await client.create(ClusterRoleBinding, binding, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
