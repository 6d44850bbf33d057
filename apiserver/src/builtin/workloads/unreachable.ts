import { apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { getStoredObject } from '../../authz/stored-object.ts';
import type { Store } from '../../cache/store.ts';
import type { ConnectHandler, Subresource, Verb } from '../../registry/definition.ts';
import { stringAt } from '../../registry/fields.ts';

const open: readonly Verb[] = ['create', 'get'];
const all: readonly Verb[] = ['create', 'delete', 'get', 'patch', 'update'];

const door = (kind: string, verbs: readonly Verb[], handle: ConnectHandler): Subresource => ({
  type: 'connect',
  kind,
  verbs,
  handle,
});

/**
 * Doors to where pods would run. A pod without a node is refused as Kubernetes refuses it, one with a node because nothing
 * leads from this server to kubelets. KA-3
 */
export function podDoors(store: () => Pick<Store, 'get'>): Readonly<Record<string, Subresource>> {
  const handle: ConnectHandler = async ({ namespace, name }) => {
    const pod: JsonObject = getStoredObject(store(), { resource: 'pods', namespace, name }) ?? {};
    const node = stringAt(pod, 'spec', 'nodeName');
    if (node === '') throw badRequest(`pod ${name} does not have a host assigned`);
    throw unreachable(`pod ${name} is on node ${node}, and this server has no way to the kubelets of nodes`);
  };
  return {
    attach: door('PodAttachOptions', open, handle),
    exec: door('PodExecOptions', open, handle),
    log: door('Pod', ['get'], handle),
    portforward: door('PodPortForwardOptions', open, handle),
    proxy: door('PodProxyOptions', all, handle),
  };
}

/** KA-3 */
export const serviceDoors: Readonly<Record<string, Subresource>> = {
  proxy: door('ServiceProxyOptions', all, async ({ name }) => {
    throw apiError(StatusReason.ServiceUnavailable, `no endpoints available for service "${name}"`);
  }),
};

/** KA-3 */
export const nodeDoors: Readonly<Record<string, Subresource>> = {
  proxy: door('NodeProxyOptions', all, async ({ name }) => {
    throw unreachable(`this server has no way to the kubelet of node ${name}`);
  }),
};

const unreachable = (why: string) => apiError(StatusReason.InternalError, why);
