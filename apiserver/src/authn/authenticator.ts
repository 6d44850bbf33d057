import type { StorageKey } from '../storage/storage.ts';

/** Who asks. KA-120 */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a connection presents, as the shells hand it in. Headers are lower-cased; repeated ones joined by the shell. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** DER of the client's leaf certificate. The TLS layer asks for one, without judging it. */
  readonly clientCertificate: Uint8Array | undefined;
  /** What a front proxy says of a user, by lower-case name, each with its values in order. Believed from no one else. KA-120b */
  readonly identityHeaders?: Readonly<Record<string, readonly string[]>>;
}

/**
 * One way to prove an identity. Returns undefined when its kind of credential was not presented; throws ApiError
 * Unauthorized when it was and is not good. The chain takes the first identity and adds `system:authenticated`.
 */
export interface Authenticator {
  readonly name: string;
  authenticate(credentials: Credentials, audiences?: readonly string[]): Promise<Authentication | undefined>;
}

export interface Authentication {
  readonly user: UserInfo;
  /** Of a token: which of the asked audiences it holds for. */
  readonly audiences?: readonly string[];
  /** When the credential ends (epoch ms): long-running requests are cut then. */
  readonly expiresAt?: number;
  /** Objects that the credential lives by: when one changes, a long-running request asks again. Default: none. RG-22 */
  readonly restsOn?: readonly StorageKey[];
}

export const anonymousUser: UserInfo = Object.freeze({
  name: 'system:anonymous',
  groups: Object.freeze(['system:unauthenticated']),
});
