import type { ClusterProfile, MemberCluster, Stored } from '@quarterdeck/apis';
import { proxyPath } from '@quarterdeck/machinery';

type AccessProviders = NonNullable<NonNullable<ClusterProfile['status']>['accessProviders']>;

/** Name of the access type in profiles, and of the plugin that knows it. RG-51 */
const tunnelProvider = 'quarterdeck-tunnel';

export interface AccessSeen {
  readonly member: Stored<MemberCluster>;
  /** Undefined: this hub serves no tunnels. */
  readonly hub: { readonly url: string; readonly caPem: string } | undefined;
}

/**
 * The ways of access of a profile: ours where the agent carries a tunnel, and whatever others wrote, untouched. A tunnel that
 * is away for a while stays listed (CI-25): each change here restarts consumers (CP-45). Pure. RG-51
 * @returns undefined: there were none, and there is none
 */
export function accessProvidersOf(seen: AccessSeen, before: AccessProviders | undefined): AccessProviders | undefined {
  const own = tunnelAccess(seen);
  const listed = before ?? [];
  if (own === undefined) {
    const others = listed.filter(({ name }) => name !== tunnelProvider);
    return before === undefined ? undefined : others;
  }
  const known = listed.some(({ name }) => name === tunnelProvider);
  return known ? listed.map((each) => (each.name === tunnelProvider ? own : each)) : [...listed, own];
}

function tunnelAccess({ member, hub }: AccessSeen): AccessProviders[number] | undefined {
  if (hub === undefined || member.status?.agent?.tunnel !== true) return undefined;
  const { name } = member.metadata;
  return {
    name: tunnelProvider,
    cluster: {
      server: `${hub.url}${proxyPath(name)}`,
      'certificate-authority-data': Buffer.from(hub.caPem, 'utf8').toString('base64'),
      // What the plugin makes its token for; nothing secret. CP-37
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { clusterName: name } }],
    },
  };
}
