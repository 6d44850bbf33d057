import type { Authentication, UserInfo } from '../authn/authenticator.ts';
import type { StandingCredentials } from '../authn/standing-credentials.ts';
import type { Authorizer } from './authorizer.ts';

/** What a request that stays open is allowed by, and for how long. RG-22, SEC-15 */
export interface Standing {
  /** When the credential ends (epoch ms); undefined: it does not by itself. */
  readonly expiresAt: number | undefined;
  /**
   * `onLost` is called once, in this call or later, as soon as the caller could not make the same request again: the
   * credential is revoked, or the right is taken away. Dispose it when the request ends.
   */
  hold(onLost: () => void): Disposable;
}

export interface StandingParts {
  readonly authorizer: Authorizer;
  readonly credentials: StandingCredentials;
  /** What the request was authenticated as. */
  readonly authentication: Authentication;
  /** Authenticates the same request again; throws when that fails. */
  readonly authenticate: () => Promise<Authentication>;
  /** Authorises the same request again: false, or a throw, when it would be refused. */
  readonly authorize: (authorizer: Authorizer) => boolean;
}

export function createStanding(parts: StandingParts): Standing {
  const { authorizer, credentials, authentication, authenticate, authorize } = parts;
  const { user, restsOn = [], expiresAt } = authentication;
  return {
    expiresAt,
    hold(onLost) {
      let ended = false;
      const lose = () => {
        if (ended) return;
        ended = true;
        onLost();
      };
      /** When that cannot be told now, the request ends too: the client comes again and is told why. */
      const isStillThem = async () => {
        const again = await authenticate().catch(() => undefined);
        if (again === undefined || !isSameUser(again.user, user)) lose();
      };
      const right = authorizer.hold?.(authorize, lose);
      const credential =
        restsOn.length === 0 ? undefined : credentials.hold(restsOn, () => void (ended || isStillThem()));
      // What happened between the first authentication and the hold.
      if (restsOn.length > 0) void isStillThem();
      return {
        [Symbol.dispose]() {
          ended = true;
          right?.[Symbol.dispose]();
          credential?.[Symbol.dispose]();
        },
      };
    },
  };
}

/** Another uid, or other groups, is another identity: its rights were never asked. */
function isSameUser(a: UserInfo, b: UserInfo): boolean {
  const groups = new Set(a.groups);
  return (
    a.name === b.name && a.uid === b.uid && a.groups.length === b.groups.length && b.groups.every((g) => groups.has(g))
  );
}
