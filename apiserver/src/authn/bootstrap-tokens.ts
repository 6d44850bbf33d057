import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { getStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import type { Authentication, Authenticator } from './authenticator.ts';
import { bearerToken } from './chain.ts';
import { unauthorized } from './unauthorized.ts';

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
/** RFC 3339. `Date.parse` alone finds a year in almost any text. */
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const secretType = 'bootstrap.kubernetes.io/token';
const commonGroup = 'system:bootstrappers';

/**
 * Short-lived tokens with which members join: Secrets `kube-system/bootstrap-token-ID`. They lead to an identity in
 * `system:bootstrappers` and in the groups that the secret adds, all of which must begin so. KA-124
 */
export function createBootstrapTokenAuthenticator(store: Pick<Store, 'get'>, clock: Clock): Authenticator {
  return {
    name: 'bootstrap-token',
    async authenticate(credentials) {
      const [, id, secret] = tokenPattern.exec(bearerToken(credentials) ?? '') ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const key = { resource: 'secrets', namespace: 'kube-system', name: `bootstrap-token-${id}` };
      const stored = getStoredObject(store, key);
      const data = stored === undefined ? undefined : tokenData(stored);
      // Compared even when there is nothing to compare with, so that time does not tell which ids exist.
      const isSecretRight = isEqualSecret(data?.secret ?? '', secret);
      if (data === undefined || !isSecretRight || data.id !== id)
        throw unauthorized(new Error('no such bootstrap token'));
      return { ...identify(data, clock.now()), restsOn: [key] };
    },
  };
}

interface TokenData {
  readonly id: string;
  readonly secret: string;
  readonly usage: string;
  /** Absent: does not expire. */
  readonly expiration: string | undefined;
  readonly groups: readonly string[];
}

/** Undefined when the secret is of another type or on its way out. */
function tokenData(secret: JsonObject): TokenData | undefined {
  const { metadata, type, data } = secret;
  if (type !== secretType || !isJsonObject(data)) return undefined;
  if (isJsonObject(metadata) && metadata.deletionTimestamp !== undefined) return undefined;
  const read = (key: string): string | undefined => {
    const value = data[key];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
  };
  const groups = (read('auth-extra-groups') ?? '').split(',').map((group) => group.trim());
  return {
    id: read('token-id') ?? '',
    secret: read('token-secret') ?? '',
    usage: read('usage-bootstrap-authentication') ?? '',
    expiration: read('expiration'),
    groups: groups.filter((group) => group !== ''),
  };
}

function identify(data: TokenData, now: number): Authentication {
  if (data.usage !== 'true') throw unauthorized(new Error('the bootstrap token is not for authentication'));
  const { expiration } = data;
  const expiresAt =
    expiration === undefined ? undefined : timePattern.test(expiration) ? Date.parse(expiration) : Number.NaN;
  // An expiration that nobody can read has passed.
  if (expiresAt !== undefined && !(expiresAt > now)) throw unauthorized(new Error('the bootstrap token has expired'));
  const foreign = data.groups.find((group) => !groupPattern.test(group));
  if (foreign !== undefined) throw unauthorized(new Error(`a bootstrap token may not give the group ${foreign}`));
  return {
    user: { name: `system:bootstrap:${data.id}`, groups: [...new Set([commonGroup, ...data.groups])] },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** Hashes have one length, which timingSafeEqual needs. BI-26 */
function isEqualSecret(stored: string, given: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(stored), hash(given)) && stored !== '';
}
