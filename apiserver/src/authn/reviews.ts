import { badRequest, isUnauthorized } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { timeText } from '../pipeline/write/system-fields.ts';
import type { ActionHandler } from '../registry/definition.ts';
import type { UserInfo } from './authenticator.ts';
import type { AuthenticatorChain } from './chain.ts';

/** Answers of the kinds of authentication.k8s.io, none of which is stored. KA-130, KA-131 */
export interface AuthenticationReviews {
  readonly tokenReview: ActionHandler;
  readonly selfSubjectReview: ActionHandler;
}

/** @param audiences of this server: what a token review without audiences asks for */
export function createAuthenticationReviews(
  chain: AuthenticatorChain,
  audiences: readonly string[],
): AuthenticationReviews {
  return {
    tokenReview: async (request) => {
      const spec = isJsonObject(request.spec) ? request.spec : {};
      const token = typeof spec.token === 'string' ? spec.token : '';
      if (token === '') throw badRequest('token is required for TokenReview in authentication');
      const asked = strings(spec.audiences);
      const status = await review(chain, token, { asked: asked.length === 0 ? audiences : asked, own: audiences });
      return { ...request, status };
    },
    selfSubjectReview: async (request, { user, now }) => ({
      ...request,
      metadata: { creationTimestamp: timeText(now) },
      status: { userInfo: userInfoObject(user) },
    }),
  };
}

interface Audiences {
  readonly asked: readonly string[];
  /** Of this server. */
  readonly own: readonly string[];
}

/** A bad token is an answer, not a failure. A token that names no audience is for this server, and good for nobody else. */
async function review(chain: AuthenticatorChain, token: string, { asked, own }: Audiences): Promise<JsonObject> {
  // White space would end the token of an authorization header early.
  if (/\s/.test(token)) return refused;
  try {
    const credentials = { authorization: `Bearer ${token}`, clientCertificate: undefined };
    const found = await chain.authenticate(credentials, asked);
    const audiences = found.audiences ?? own.filter((audience) => asked.includes(audience));
    if (audiences.length === 0) return refused;
    return { authenticated: true, user: userInfoObject(found.user), audiences: [...audiences] };
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return refused;
  }
}

const refused: JsonObject = Object.freeze({ authenticated: false, user: {}, error: 'invalid bearer token' });

/** `username`, `uid`, `groups`, `extra`, as reviews and admission requests show a user. */
export function userInfoObject({ name, uid, groups, extra }: UserInfo): JsonObject {
  const extras = Object.entries(extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extras.length === 0 ? {} : { extra: Object.fromEntries(extras) }),
  };
}

const strings = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
