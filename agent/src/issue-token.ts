import { type KubeObject, type ResourceType, ServiceAccount } from '@quarterdeck/apis';
import type { Client, TokenAccount } from '@quarterdeck/machinery';

interface TokenRequest extends KubeObject {
  spec: { expirationSeconds: number };
  status?: { token: string; expirationTimestamp: string };
}

/** A token of a service account, of the member or of the hub. Secret. */
export interface IssuedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
}

/** By the right of the client. @throws ApiError of the API server; Error when it answered without a token */
export async function issueToken(
  client: Pick<Client, 'create'>,
  account: TokenAccount,
  lifetimeSeconds: number,
  signal?: AbortSignal,
): Promise<IssuedToken> {
  const answer = await client.create<TokenRequest>(
    ServiceAccount as unknown as ResourceType<TokenRequest>,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { namespace: account.namespace, name: account.name },
      spec: { expirationSeconds: lifetimeSeconds },
    },
    { subresource: 'token', ...(signal === undefined ? {} : { signal }) },
  );
  const { token, expirationTimestamp } = answer.status ?? {};
  if (token === undefined || expirationTimestamp === undefined)
    throw new Error('the API server answered without a token');
  return { token, expirationTimestamp };
}
