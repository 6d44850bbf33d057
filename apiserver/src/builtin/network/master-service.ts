import { isAlreadyExists, isConflict, type KubeObject, type ResourceType, resourceType } from '@quarterdeck/apis';
import { type Client, equalValues, type JsonObject } from '@quarterdeck/machinery';
import { withAbsent } from '../defaults.ts';
import { endpointIpErrors, familyOf } from './ip.ts';
import { defaultServiceCidr, firstAddress, type ServiceNetwork } from './service-network.ts';

const namespace = 'default';
const name = 'kubernetes';
const types = {
  services: resourceType<KubeObject>('', 'v1', 'Service', 'services', 'Namespaced'),
  endpoints: resourceType<KubeObject>('', 'v1', 'Endpoints', 'endpoints', 'Namespaced'),
  slices: resourceType<KubeObject>('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', 'Namespaced'),
  ranges: resourceType<KubeObject>('networking.k8s.io', 'v1', 'ServiceCIDR', 'servicecidrs', 'Cluster'),
};

/**
 * The Service `kubernetes` in the namespace `default`, by which programs find the API server, its endpoints, and the range
 * that addresses of Services come from. Made where they do not exist; endpoints follow where the server listens. Safe at
 * every start, and on several hubs at once. KA-2, KA-148
 */
export async function ensureServiceNetwork(
  client: Client,
  network: ServiceNetwork,
  signal?: AbortSignal,
): Promise<void> {
  const cidr = network.cidr ?? defaultServiceCidr;
  const { ip, port } = network.endpoint;
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }];
  const options = signal === undefined ? {} : { signal };
  const create = async (type: ResourceType<KubeObject>, meta: JsonObject, content: JsonObject): Promise<void> => {
    try {
      await client.create(type, objectOf(type, meta, content), options);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const found = await client.get(type, { name, ...(type.scope === 'Cluster' ? {} : { namespace }) }, options);
      const stored = found as unknown as JsonObject;
      if (type === types.services || type === types.ranges || isCurrent(stored, content)) return;
      await client.update(type, { ...found, ...content } as KubeObject, options).catch(ignoreOther);
    }
  };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  await create(types.ranges, {}, { spec: { cidrs: [cidr] } });
  await create(types.services, { labels }, { spec: { clusterIP: firstAddress(cidr), ports } });
  if (endpointIpErrors(ip, 'ip').length > 0) return;
  const labelled = { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } };
  await create(types.endpoints, labelled, {
    subsets: [{ addresses: [{ ip }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  });
  await create(
    types.slices,
    { labels: { 'kubernetes.io/service-name': name } },
    {
      addressType: familyOf(ip) ?? 'IPv4',
      endpoints: [{ addresses: [ip], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    },
  );
}

function objectOf(
  { group, version, kind, scope }: ResourceType<KubeObject>,
  meta: JsonObject,
  content: JsonObject,
): KubeObject {
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name, ...(scope === 'Cluster' ? {} : { namespace }), ...meta },
    ...content,
  } as unknown as KubeObject;
}

const isCurrent = (stored: JsonObject, content: JsonObject): boolean =>
  equalValues(withAbsent({ ...stored, ...content }, {}), stored);

/** Another hub was faster. */
function ignoreOther(error: unknown): void {
  if (!isConflict(error)) throw error;
}
