import { createHash } from 'node:crypto';
import { apiError, type KubeObject, type ResourceType, StatusReason } from '@quarterdeck/apis';
import { createClientCertificateAuthenticator, type UserInfo } from '@quarterdeck/apiserver';
import { type Client, type Clock, encodeJson } from '@quarterdeck/machinery';

/** What a request shows of who sends it. */
export interface Shown {
  readonly authorization: string | undefined;
  /** DER. */
  readonly clientCertificate: Uint8Array | undefined;
}

/** One action on an object of the fleet's own group. */
export interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty: cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
}

/** Authentication and authorisation by the Kubernetes cluster that is the hub. RG-53 */
export interface Delegation {
  /** @param audience a token for this alone is good as well @throws ApiError Unauthorized */
  authenticate(shown: Shown, audience: string | undefined): Promise<UserInfo>;
  authorize(user: UserInfo, asked: Asked): Promise<boolean>;
}

export interface DelegationOptions {
  /** May create TokenReviews and SubjectAccessReviews. */
  readonly client: Pick<Client, 'create'>;
  /** PEM of the CAs that vouch for clients of the hub, as they are now. Empty: certificates count for nothing. */
  readonly clientCa: () => string;
  readonly clock: Clock;
}

interface Review extends KubeObject {
  spec: object;
  status?: {
    authenticated?: boolean;
    user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
    allowed?: boolean;
  };
}
const review = (group: string, kind: string, plural: string) =>
  ({ group, version: 'v1', kind, plural, scope: 'Cluster' }) as unknown as ResourceType<Review>;
const tokenReviews = review('authentication.k8s.io', 'TokenReview', 'tokenreviews');
const accessReviews = review('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews');

/** A verdict holds for as long; what is lost is noticed within it. RG-50 */
export const verdictMs = 10_000;
const maxRemembered = 4096;

export function createDelegation({ client, clientCa, clock }: DelegationOptions): Delegation {
  const certificates = createClientCertificateAuthenticator({ caBundle: clientCa, clock });
  const users = remembering<UserInfo | undefined>(clock);
  const verdicts = remembering<boolean>(clock);

  async function reviewToken(token: string, audiences: readonly string[] | undefined): Promise<UserInfo | undefined> {
    const spec = { token, ...(audiences === undefined ? {} : { audiences: [...audiences] }) };
    const answer = await client.create(tokenReviews, { ...head(tokenReviews), spec });
    const { authenticated, user } = answer.status ?? {};
    // Nobody is let in without a name, whoever vouches for him. SEC-14
    if (authenticated !== true || user?.username === undefined || user.username === '') return undefined;
    const { username: name, uid, groups = [], extra } = user;
    return { name, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
  }

  return {
    async authenticate({ authorization, clientCertificate }, audience) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (token !== undefined) {
        const key = createHash('sha256')
          .update(`${audience ?? ''}\n${token}`)
          .digest('hex');
        const user = await users(key, async () => {
          const general = await reviewToken(token, undefined);
          return general ?? (audience === undefined ? undefined : await reviewToken(token, [audience]));
        });
        if (user !== undefined) return user;
      } else if (clientCertificate !== undefined && clientCa() !== '') {
        const known = await certificates.authenticate({ authorization: undefined, clientCertificate });
        if (known !== undefined) {
          return { ...known.user, groups: [...new Set([...known.user.groups, 'system:authenticated'])] };
        }
      }
      throw apiError(StatusReason.Unauthorized, 'Unauthorized');
    },
    async authorize(user, { verb, resource, subresource, namespace, name }) {
      const { name: userName, uid, groups, extra } = user;
      const more = Object.entries(extra ?? {}).map(([each, values]) => [each, ...values]);
      const key = encodeJson([userName, uid ?? null, [...groups], more, verb, resource, subresource, namespace, name]);
      return await verdicts(key, async () => {
        const resourceAttributes = {
          group: 'quarterdeck.dev',
          version: 'v1alpha1',
          resource,
          subresource,
          ...(namespace === '' ? {} : { namespace }),
          name,
          verb,
        };
        const spec = {
          user: userName,
          groups: [...groups],
          ...(uid === undefined ? {} : { uid }),
          ...(extra === undefined ? {} : { extra }),
          resourceAttributes,
        };
        const answer = await client.create(accessReviews, { ...head(accessReviews), spec });
        return answer.status?.allowed === true;
      });
    },
  };
}

const head = ({ group, kind }: ResourceType<Review>) => ({ apiVersion: `${group}/v1`, kind, metadata: {} });

/** Answers of one kind, each for a while; who asks at the same time shares one. A failure is not remembered. */
function remembering<T>(clock: Clock): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();
  return async (key, ask) => {
    const found = known.get(key);
    if (found !== undefined && clock.monotonic() < found.until) return await found.answer;
    known.delete(key);
    if (known.size >= maxRemembered) known.delete(known.keys().next().value ?? '');
    const answer = ask();
    known.set(key, { answer, until: clock.monotonic() + verdictMs });
    answer.catch(() => known.delete(key));
    return await answer;
  };
}
