import { type KubeObject, label, type ResourceType, type Stored } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { WithdrawContext } from './withdraw.ts';

/** Made by the system in every namespace, or gone with what they speak of: no reason to keep a namespace. */
const systemMade = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);
const shortLived = new Set(['Event', 'Lease', 'Endpoints', 'EndpointSlice', 'PodMetrics', 'ControllerRevision']);

/**
 * Something in a Namespace, or an instance of a CRD, that we did not put there and that nothing of ours owns; undefined when
 * there is nothing. Anything that cannot be listed counts as foreign: a doubt never deletes. WK-36, DL-6
 */
export async function foreignContent(
  context: WithdrawContext,
  container: Stored<KubeObject>,
): Promise<string | undefined> {
  if (container.kind !== 'Namespace') return await foreignIn(context, instancesOf(container), undefined);
  for (const type of await context.discovery.namespaced(context.signal)) {
    if (shortLived.has(type.kind)) continue;
    const found = await foreignIn(context, type, container.metadata.name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function foreignIn({ memberClient, signal }: WithdrawContext, type: ResourceType, namespace: string | undefined) {
  try {
    const options = namespace === undefined ? { signal } : { namespace, signal };
    const { items } = await memberClient.list(type, options);
    const foreign = items.find(
      ({ metadata }) =>
        metadata.labels?.[label.appliedWork] === undefined &&
        (metadata.ownerReferences ?? []).length === 0 &&
        !systemMade.has(`${type.kind} ${metadata.name}`),
    );
    return foreign === undefined ? undefined : `${type.kind} ${foreign.metadata.name}`;
  } catch {
    return `${type.kind} objects that cannot be listed`;
  }
}

/** The resource that a CRD defines, at its stored version. */
function instancesOf(crd: KubeObject): ResourceType {
  const spec = (crd as unknown as { spec: JsonObject }).spec;
  const names = isJsonObject(spec.names) ? spec.names : {};
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isJsonObject);
  return {
    group: String(spec.group),
    version: String(versions.find(({ storage }) => storage === true)?.name),
    kind: String(names.kind),
    plural: String(names.plural),
    scope: spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
  };
}
