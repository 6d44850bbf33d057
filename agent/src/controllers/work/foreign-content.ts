import {
  ApiError,
  AppliedWork,
  apiVersionOf,
  isForbidden,
  isNotFound,
  type KubeObject,
  label,
  labelValueOf,
  type OwnerReference,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { type Client, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { Discovery } from '../../member/discovery.ts';

/** With whose rights a container is looked into, and whose content is not foreign. */
export interface ContainerContext {
  readonly memberClient: Client;
  readonly discovery: Discovery;
  readonly applied: Stored<AppliedWork>;
  readonly signal: AbortSignal;
}

/** Made by the system in every namespace, or gone with what they speak of: no reason to keep a namespace. */
const systemMade = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);
const shortLived = new Set(['Event', 'Lease', 'Endpoints', 'EndpointSlice', 'PodMetrics', 'ControllerRevision']);

/**
 * Something in a Namespace, or an instance of a CRD, that this Work did not put there and that nothing of it owns; undefined
 * when there is nothing. What another Work put there is foreign too. What may not be listed counts as foreign: a doubt never
 * deletes. WK-36, DL-6
 * @throws ApiError when the member cannot say at the moment
 */
export async function foreignContent(
  context: ContainerContext,
  container: Stored<KubeObject>,
): Promise<string | undefined> {
  const isForeign = judge(context);
  if (container.kind !== 'Namespace') return await foreignIn(context, instancesOf(container), undefined, isForeign);
  const types = await context.discovery.namespaced(context.signal);
  const namespaced = new Set(types.map((type) => `${apiVersionOf(type)} ${type.kind}`));
  const isForeignHere: Judge = (type, object) => isForeign(type, object, namespaced);
  for (const type of types) {
    if (shortLived.has(type.kind)) continue;
    const found = await foreignIn(context, type, container.metadata.name, isForeignHere);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Judge = (type: ResourceType, object: KubeObject, namespaced?: ReadonlySet<string>) => boolean;

function judge({ applied }: Pick<ContainerContext, 'applied'>): Judge {
  const mine = labelValueOf(applied.metadata.name);
  const isOurs = ({ uid, apiVersion, kind }: OwnerReference, namespaced: ReadonlySet<string>) =>
    // An owner in the same namespace is judged there itself; an AppliedWork must be this one; any other owner is foreign.
    uid === applied.metadata.uid || (kind !== AppliedWork.kind && namespaced.has(`${apiVersion} ${kind}`));
  return ({ kind }, { metadata }, namespaced = new Set()) => {
    const mark = metadata.labels?.[label.appliedWork];
    if (mark !== undefined) return mark !== mine;
    const owners = metadata.ownerReferences ?? [];
    if (owners.length > 0) return !owners.some((owner) => isOurs(owner, namespaced));
    return !systemMade.has(`${kind} ${metadata.name}`);
  };
}

/** Objects that are looked at together: a namespace may hold more than fits into memory. */
const pageSize = 250;

async function foreignIn(
  { memberClient, signal }: ContainerContext,
  type: ResourceType,
  namespace: string | undefined,
  isForeign: Judge,
): Promise<string | undefined> {
  try {
    const scope = namespace === undefined ? { signal, limit: pageSize } : { namespace, signal, limit: pageSize };
    let token = '';
    do {
      const { items, metadata } = await memberClient.list(type, token === '' ? scope : { ...scope, continue: token });
      const foreign = items.find((object) => isForeign(type, object));
      if (foreign !== undefined) return `${type.kind} ${foreign.metadata.name}`;
      token = metadata.continue ?? '';
    } while (token !== '');
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined; // the kind went away meanwhile
    const cannotList = isForbidden(error) || (error instanceof ApiError && error.code === 405);
    if (cannotList) return `${type.kind} objects that cannot be listed`;
    throw error;
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
