import { ClusterRole, ClusterRoleBinding } from '../builtin/rbac.ts';
import { listAt, valueAt } from '../kinds/value.ts';
import { apiVersionOf } from '../meta/resource.ts';
import type { Right } from '../policies/policy.ts';
import { type PolicyVerdict, policyUser } from './policy-verdict.ts';
import { collectionPath, type Send } from './verdict.ts';

/** The role and binding that give the user of one verdict its rights, to be created before it is played. */
export function rolesFor(verdict: PolicyVerdict): [ClusterRole, ClusterRoleBinding] {
  const { kind, object, rights = [] } = verdict;
  const name = `policy-verdict-${kind.plural}-${object.metadata.name}`;
  const rule = ({ verb, group, resource, name: resourceName }: Right) => ({
    verbs: [verb],
    apiGroups: [group],
    resources: [resource],
    resourceNames: [resourceName],
  });
  const write = {
    verbs: ['create', 'update', 'delete'],
    apiGroups: [kind.group],
    resources: [kind.plural, `${kind.plural}/status`],
  };
  return [
    {
      apiVersion: apiVersionOf(ClusterRole),
      kind: ClusterRole.kind,
      metadata: { name },
      rules: [write, ...rights.map(rule)],
    },
    {
      apiVersion: apiVersionOf(ClusterRoleBinding),
      kind: ClusterRoleBinding.kind,
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: policyUser(verdict).name }],
    },
  ];
}

/**
 * Plays one verdict and cleans up after it.
 * @param admin sends as a user who may do everything
 * @param user sends as the verdict's user, by certificate, token or impersonation
 * @returns what differs from the table, in words; empty when the server agrees
 */
export async function playPolicyVerdict(
  verdict: PolicyVerdict,
  namespace: string,
  { admin, user }: { admin: Send; user: Send },
): Promise<string[]> {
  const collection = collectionPath(verdict.kind, namespace);
  const path = `${collection}/${verdict.object.metadata.name}`;
  try {
    const resourceVersion = await createOld(verdict, collection, path, admin);
    const { object } = verdict;
    if (resourceVersion === undefined)
      return problemsWith(verdict, await user({ method: 'POST', path: collection, body: object }));
    if (verdict.deletes) return problemsWith(verdict, await user({ method: 'DELETE', path }));
    const target = verdict.subresource === undefined ? path : `${path}/${verdict.subresource}`;
    const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
    return problemsWith(verdict, await user({ method: 'PUT', path: target, body }));
  } finally {
    await removeFinalizers(path, admin);
  }
}

/** The resourceVersion of the object to be changed; undefined when the verdict is about a create. */
async function createOld({ old }: PolicyVerdict, collection: string, path: string, admin: Send) {
  if (old === undefined) return undefined;
  const created = await admin({ method: 'POST', path: collection, body: old });
  const version = valueAt(created.body, 'metadata', 'resourceVersion');
  if (!('status' in old)) return version;
  const metadata = { ...old.metadata, resourceVersion: version };
  const updated = await admin({ method: 'PUT', path: `${path}/status`, body: { ...old, metadata } });
  return valueAt(updated.body, 'metadata', 'resourceVersion');
}

async function removeFinalizers(path: string, admin: Send): Promise<void> {
  const { body } = await admin({ method: 'DELETE', path });
  if (listAt(body, 'metadata', 'finalizers').length === 0) return;
  const { finalizers: _finalizers, ...metadata } = valueAt(body, 'metadata') as Record<string, unknown>;
  await admin({ method: 'PUT', path, body: { ...(body as object), metadata } });
}

function problemsWith({ refused, policy }: PolicyVerdict, { code, body }: { code: number; body: unknown }): string[] {
  const isAllowed = code === 200 || code === 201;
  if (refused === undefined) return isAllowed ? [] : [`refused with ${code}: ${valueAt(body, 'message')}`];
  const want = `ValidatingAdmissionPolicy '${policy.policy.metadata.name}' with binding '${policy.binding.metadata.name}' denied request: ${refused.message}`;
  const message = String(valueAt(body, 'message'));
  const wantCode = refused.reason === 'Forbidden' ? 403 : 422;
  if (code === wantCode && valueAt(body, 'reason') === refused.reason && message.endsWith(want)) return [];
  return [`answered ${code} ${valueAt(body, 'reason')}: ${message}; want ${wantCode} ${refused.reason}: ${want}`];
}
