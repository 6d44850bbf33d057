import { type KubeObject, type ResourceType, ServiceAccount } from '@quarterdeck/apis';
import { type Client, tunnelAudience } from '@quarterdeck/machinery';
import { clusterNameFlag, clusterNameOf, saysCluster } from './cluster-name.ts';
import type { Plugin } from './harness.ts';
import { openHub } from './hub.ts';

/** What of a TokenRequest and a SelfSubjectReview is read here. */
interface Asked extends KubeObject {
  spec?: { audiences: string[]; expirationSeconds: number };
  status?: { token?: string; expirationTimestamp?: string; userInfo?: { username?: string } };
}

const authentication = 'authentication.k8s.io';
const reviews = {
  group: authentication,
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
} as unknown as ResourceType<Asked>;
/** The shortest that Kubernetes issues. */
const lifetimeSeconds = 600;

/**
 * A token of the consumer's own service account on the hub, for ten minutes, good for the proxy of this one member and for
 * nothing else: who receives it can do no more with it. RG-51
 */
export const quarterdeckTunnel: Plugin = {
  name: 'quarterdeck-tunnel',
  flags: [clusterNameFlag],
  needsNoCluster: saysCluster,
  async credential(request, environment) {
    const clusterName = clusterNameOf(request);
    await using hub = await openHub(environment);
    const account = await ownServiceAccount(hub.client);
    const answer = await hub.client.create<Asked>(
      ServiceAccount as unknown as ResourceType<Asked>,
      {
        apiVersion: `${authentication}/v1`,
        kind: 'TokenRequest',
        metadata: account,
        spec: { audiences: [tunnelAudience(clusterName)], expirationSeconds: lifetimeSeconds },
      },
      { subresource: 'token' },
    );
    const { token, expirationTimestamp } = answer.status ?? {};
    if (token === undefined) throw new Error('the hub answered without a token');
    return { token, ...(expirationTimestamp === undefined ? {} : { expirationTimestamp }) };
  },
};

/** @throws Error when the consumer is no service account of the hub: for nobody else a hub makes tokens */
async function ownServiceAccount(client: Client): Promise<{ readonly namespace: string; readonly name: string }> {
  const asked = { apiVersion: `${authentication}/v1`, kind: 'SelfSubjectReview', metadata: {} };
  const username = (await client.create<Asked>(reviews, asked)).status?.userInfo?.username ?? '';
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new Error(
    `the hub knows this consumer as "${username}", which is no service account: give it one, allowed to create its own serviceaccounts/token`,
  );
}
