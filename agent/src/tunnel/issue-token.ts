import { type KubeObject, type ResourceType, ServiceAccount } from '@quarterdeck/apis';
import type { Client, TokenAccount } from '@quarterdeck/machinery';

interface TokenRequest extends KubeObject {
  spec: { expirationSeconds: number };
  status?: { token: string; expirationTimestamp: string };
}

/** A token of a service account of the member. Secret. */
export interface IssuedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
}

/** By the agent's own right on the member. @throws ApiError of the member; Error when it answered without a token */
export async function issueToken(
  memberClient: Pick<Client, 'create'>,
  account: TokenAccount,
  lifetimeSeconds: number,
): Promise<IssuedToken> {
  const answer = await memberClient.create<TokenRequest>(
    ServiceAccount as unknown as ResourceType<TokenRequest>,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { namespace: account.namespace, name: account.name },
      spec: { expirationSeconds: lifetimeSeconds },
    },
    { subresource: 'token' },
  );
  const { token, expirationTimestamp } = answer.status ?? {};
  if (token === undefined || expirationTimestamp === undefined) throw new Error('the member answered without a token');
  return { token, expirationTimestamp };
}
