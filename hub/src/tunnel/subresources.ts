import { apiError, badRequest, isAgentOf, StatusReason } from '@quarterdeck/apis';
import type { AddedSubresources, ConnectHandler } from '@quarterdeck/apiserver';
import { memberTokenRequestKind, tunnelAudience, tunnelProtocol } from '@quarterdeck/machinery';
import { proxyHandler } from './proxy.ts';
import { memberTokenRequestSchema, tokenHandler } from './token.ts';
import type { Tunnels } from './tunnels.ts';

/** What MemberClusters have on our hub and cannot have as CRDs of a Kubernetes hub. RG-52, RG-53 */
export const tunnelSubresources = (tunnels: Tunnels): AddedSubresources =>
  new Map([
    [
      'memberclusters.quarterdeck.dev',
      {
        proxy: {
          type: 'connect',
          kind: 'MemberClusterProxyOptions',
          verbs: ['get', 'create', 'update', 'patch', 'delete'],
          audience: tunnelAudience,
          handle: proxyHandler(tunnels),
        },
        tunnel: {
          type: 'connect',
          kind: 'MemberClusterTunnelOptions',
          verbs: ['create'],
          handle: tunnelHandler(tunnels),
        },
        token: {
          type: 'action',
          group: 'quarterdeck.dev',
          version: 'v1alpha1',
          kind: memberTokenRequestKind,
          schema: memberTokenRequestSchema,
          verbs: ['create'],
          handle: tokenHandler(tunnels),
        },
      },
    ],
  ]);

/** `memberclusters/NAME/tunnel`: where the agent of a member, and nobody else, offers its tunnel. SEC-7 */
export const tunnelHandler =
  (tunnels: Pick<Tunnels, 'accept'>): ConnectHandler =>
  async ({ name, user, request, signal }) => {
    // Of which cluster, its binding says. RG-4, RG-7
    if (!isAgentOf(name, user.name)) {
      throw apiError(StatusReason.Forbidden, `only the agent of ${name} may offer its tunnel`);
    }
    if (request.upgrade !== tunnelProtocol) {
      throw badRequest(`this hub speaks ${tunnelProtocol} here: the request must ask to switch to it, by HTTP/1.1`);
    }
    return {
      status: 101,
      headers: { upgrade: tunnelProtocol },
      body: new Uint8Array(),
      takeOver: (connection) => tunnels.accept(name, connection, signal),
    };
  };
