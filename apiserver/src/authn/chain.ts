import { isUnauthorized } from '@quarterdeck/apis';
import { type Authentication, type Authenticator, anonymousUser, type Credentials } from './authenticator.ts';
import { unauthorized } from './unauthorized.ts';

export const authenticatedGroup = 'system:authenticated';

export interface ChainOptions {
  /** Whether callers who present nothing are `system:anonymous`. Default true. */
  readonly anonymous?: boolean;
}

/** The chain always answers with somebody, or throws the 401. */
export interface AuthenticatorChain {
  authenticate(credentials: Credentials, audiences?: readonly string[]): Promise<Authentication>;
}

/**
 * Tries the authenticators in order; the first identity wins, though an earlier credential was bad (a client
 * certificate of somewhere else beside a good token). Whoever presents something that none accepts gets 401, never
 * anonymity; so does an identity without a name. KA-120, BI-26
 */
export function createAuthenticatorChain(
  authenticators: readonly Authenticator[],
  options: ChainOptions = {},
): AuthenticatorChain {
  return {
    async authenticate(credentials, audiences) {
      let refusal: unknown;
      for (const authenticator of authenticators) {
        try {
          const found = await authenticator.authenticate(credentials, audiences);
          if (found !== undefined) return asAuthenticated(found);
        } catch (error) {
          if (!isUnauthorized(error)) throw error;
          refusal ??= error;
        }
      }
      if (refusal !== undefined) throw refusal;
      const presented = credentials.authorization !== undefined || credentials.clientCertificate !== undefined;
      if (presented || options.anonymous === false) throw unauthorized();
      return { user: anonymousUser };
    },
  };
}

function asAuthenticated(found: Authentication): Authentication {
  const { user } = found;
  if (user.name === '') throw unauthorized(new Error('the credential names no user'));
  // A front proxy may say of a user that it did not authenticate it either.
  const standing = [authenticatedGroup, ...anonymousUser.groups];
  if (user.name === anonymousUser.name || user.groups.some((group) => standing.includes(group))) return found;
  return { ...found, user: { ...user, groups: user.groups.concat(authenticatedGroup) } };
}

/** The token of a `Bearer` authorization header; undefined when there is none. The scheme is case-insensitive. */
export function bearerToken({ authorization }: Credentials): string | undefined {
  const match = /^bearer +(\S+)$/i.exec(authorization?.trim() ?? '');
  return match?.[1];
}
