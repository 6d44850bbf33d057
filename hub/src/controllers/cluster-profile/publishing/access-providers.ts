import type { ClusterProfile, MemberCluster, Stored } from '@quarterdeck/apis';
import { proxyPath } from '@quarterdeck/machinery';

type AccessProviders = NonNullable<NonNullable<ClusterProfile['status']>['accessProviders']>;

/** Names of the access types in profiles, and of the plugins that know them. RG-51 */
const tunnelProvider = 'quarterdeck-tunnel';
const tokenProvider = 'token-request';
const ours = new Set([tunnelProvider, tokenProvider]);

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
  const own = new Map(ownAccess(seen).map((each) => [each.name, each]));
  if (before === undefined) return own.size === 0 ? undefined : [...own.values()];
  const kept = before.flatMap((each) => (ours.has(each.name) ? (own.get(each.name) ?? []) : each));
  const listed = new Set(kept.map(({ name }) => name));
  return [...kept, ...[...own.values()].filter(({ name }) => !listed.has(name))];
}

function ownAccess({ member, hub }: AccessSeen): AccessProviders {
  const { tunnel, api } = member.status?.agent ?? {};
  if (hub === undefined || tunnel !== true) return [];
  const { name } = member.metadata;
  // What the plugins ask the hub about; nothing secret. CP-37
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { clusterName: name } }];
  const through: AccessProviders[number] = {
    name: tunnelProvider,
    cluster: {
      server: `${hub.url}${proxyPath(name)}`,
      'certificate-authority-data': Buffer.from(hub.caPem, 'utf8').toString('base64'),
      extensions,
    },
  };
  if (api === undefined) return [through];
  const { server, certificateAuthorityData: ca } = api;
  const direct: AccessProviders[number] = {
    name: tokenProvider,
    cluster: { server, ...(ca === undefined ? {} : { 'certificate-authority-data': ca }), extensions },
  };
  return [through, direct];
}
