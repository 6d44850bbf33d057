import { type KubeObject, MemberCluster, type ResourceType } from '@quarterdeck/apis';
import { isTokenAccount, memberTokenRequestKind, type TokenAccount } from '@quarterdeck/machinery';
import { clusterNameFlag, clusterNameOf, option, saysCluster } from './cluster-name.ts';
import type { Plugin, PluginRequest } from './harness.ts';
import { openHub } from './hub.ts';

interface MemberTokenRequest extends KubeObject {
  spec: { serviceAccount: TokenAccount };
  status?: { token: string; expirationTimestamp: string };
}

const flag = '--service-account';
const variable = 'QUARTERDECK_SERVICE_ACCOUNT';

/**
 * A short-lived token of a service account of the member, made by the member's agent and handed on by the hub: for consumers
 * that reach the member by its own address. Which account is the consumer's to say, by `--service-account NAMESPACE/NAME`
 * or QUARTERDECK_SERVICE_ACCOUNT; that the member's administrator listed it, and that the consumer may ask for it, is
 * judged there. Beside a Kubernetes hub QUARTERDECK_HUB_URL, and QUARTERDECK_HUB_CA_FILE, name the port of the hub program,
 * since that Kubernetes has no such door. RG-51, RG-53
 */
export const tokenRequest: Plugin = {
  name: 'token-request',
  flags: [clusterNameFlag, flag],
  needsNoCluster: saysCluster,
  async credential(request, environment) {
    const clusterName = clusterNameOf(request);
    const serviceAccount = accountOf(request, environment[variable]);
    const { QUARTERDECK_HUB_URL: url, QUARTERDECK_HUB_CA_FILE: caFile } = environment;
    await using hub = await openHub(environment, url === undefined || url === '' ? undefined : { url, caFile });
    const answer = await hub.client.create<MemberTokenRequest>(
      MemberCluster as unknown as ResourceType<MemberTokenRequest>,
      {
        apiVersion: 'quarterdeck.dev/v1alpha1',
        kind: memberTokenRequestKind,
        metadata: { name: clusterName },
        spec: { serviceAccount },
      },
      { subresource: 'token' },
    );
    const { token, expirationTimestamp } = answer.status ?? {};
    if (token === undefined || expirationTimestamp === undefined) throw new Error('the hub answered without a token');
    return { token, expirationTimestamp };
  },
};

/** @throws Error saying how to name one */
function accountOf({ args }: PluginRequest, fromEnvironment: string | undefined): TokenAccount {
  const [namespace = '', name = '', more] = (option(args, flag) ?? fromEnvironment ?? '').split('/');
  if (more === undefined && isTokenAccount({ namespace, name })) return { namespace, name };
  throw new Error(`say of which service account of the member: ${flag} NAMESPACE/NAME, or ${variable}`);
}
