import { createHash, randomUUID } from 'node:crypto';
import { isUnauthorized } from '@quarterdeck/apis';
import { type Clock, isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { compactVerify, SignJWT } from 'jose';
import { serviceAccountUser } from '../authz/rbac-objects.ts';
import { readStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import type { StorageKey } from '../storage/storage.ts';
import type { SigningKeys } from '../tls/signing-keys.ts';
import type { Authenticator } from './authenticator.ts';
import { bearerToken } from './chain.ts';
import { serviceAccountGroups } from './impersonation.ts';
import { type Claims, checkClaims, type ObjectClaim, readClaims } from './token-claims.ts';
import { accountNamespaceIsGone, unauthorized } from './unauthorized.ts';

export interface ServiceAccountTokenOptions {
  readonly keys: SigningKeys;
  /** `iss` of tokens: the hub's public URL. */
  readonly issuer: string;
  /** What tokens are for when nobody says; a request without audiences is checked against these. Not empty. */
  readonly audiences: readonly string[];
  readonly store: Pick<Store, 'get'>;
  readonly clock: Clock;
}

export interface TokenSpec {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Empty: those of the server. */
  readonly audiences: readonly string[];
  /** Undefined: the token lasts as long as the Secret that it is bound to. */
  readonly lifetimeSeconds: number | undefined;
  /** The token ends with this object. At most one of `secret`, `pod`, and `node` without `pod`. */
  readonly secret?: ObjectClaim;
  readonly pod?: ObjectClaim;
  /** With `pod`: the node that it runs on, for information. */
  readonly node?: ObjectClaim;
}

/** Tokens of service accounts: made by one key, verified by all. KA-121, KA-122 */
export interface ServiceAccountTokens {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly authenticator: Authenticator;
  /** `expiresAt` in epoch ms; undefined when it does not expire by itself. */
  issue(spec: TokenSpec): Promise<{ token: string; expiresAt: number | undefined }>;
}

/** Tokens whose signature was checked and is remembered: by hash, never the token itself. */
const cacheSize = 4096;

export function createServiceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  const { keys, issuer, audiences, store, clock } = options;
  const verified = new Map<string, Claims>();

  /** Everything but the signature is judged anew each time: the account may be gone, the time over. */
  async function claimsOf(token: string): Promise<Claims> {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = verified.get(hash);
    if (known !== undefined) return known;
    const { payload } = await compactVerify(token, ({ kid }) => keyOf(keys, kid), { algorithms: ['ES256'] });
    const claims = readClaims(parseJson(payload));
    if (verified.size >= cacheSize) verified.delete(verified.keys().next().value ?? '');
    verified.set(hash, claims);
    return claims;
  }

  return {
    issuer,
    audiences,
    async issue(spec) {
      const now = Math.floor(clock.now() / 1000);
      const expires = spec.lifetimeSeconds === undefined ? undefined : now + spec.lifetimeSeconds;
      const jwt = new SignJWT({
        'kubernetes.io': {
          namespace: spec.namespace,
          serviceaccount: { name: spec.name, uid: spec.uid },
          ...(spec.secret === undefined ? {} : { secret: { ...spec.secret } }),
          ...(spec.pod === undefined ? {} : { pod: { ...spec.pod } }),
          ...(spec.node === undefined ? {} : { node: { ...spec.node } }),
        },
      })
        .setProtectedHeader({ alg: keys.signing.algorithm, kid: keys.signing.kid })
        .setIssuer(issuer)
        .setSubject(serviceAccountUser(spec.namespace, spec.name))
        .setAudience(spec.audiences.length === 0 ? [...audiences] : [...spec.audiences])
        .setIssuedAt(now)
        .setNotBefore(now)
        .setJti(randomUUID());
      if (expires !== undefined) jwt.setExpirationTime(expires);
      const token = await jwt.sign(keys.signing.privateKey);
      return { token, expiresAt: expires === undefined ? undefined : expires * 1000 };
    },
    authenticator: {
      name: 'service-account-token',
      async authenticate(credentials, asked = audiences) {
        const token = bearerToken(credentials);
        if (token === undefined || unverifiedIssuer(token) !== issuer) return undefined;
        try {
          const claims = await claimsOf(token);
          const matching = checkClaims(claims, { issuer, audiences: asked, now: clock.now() });
          if (isNamespaceGone(store, claims)) throw accountNamespaceIsGone(claims.namespace);
          for (const { key, uid } of boundObjects(claims)) requireAlive(store, key, uid);
          const { namespace, account, exp } = claims;
          return {
            user: {
              name: serviceAccountUser(namespace, account.name),
              uid: account.uid,
              groups: serviceAccountGroups(namespace),
              extra: extraOf(claims),
            },
            audiences: matching,
            ...(exp === undefined ? {} : { expiresAt: exp * 1000 }),
            restsOn: boundObjects(claims).map(({ key }) => key),
          };
        } catch (error) {
          throw isUnauthorized(error) ? error : unauthorized(error);
        }
      },
    },
  };
}

function keyOf(keys: SigningKeys, kid: string | undefined) {
  const key = keys.verifying.get(kid ?? '');
  if (key === undefined) throw new Error('the token is signed by an unknown key');
  return key.publicKey;
}

/** What else the token says of its holder: KA-120, KA-121. */
function extraOf({ jti, pod, node }: Claims): Record<string, string[]> {
  const claim = (kind: string, of: ObjectClaim | undefined): [string, string[]][] =>
    of === undefined
      ? []
      : [
          [`authentication.kubernetes.io/${kind}-name`, [of.name]],
          [`authentication.kubernetes.io/${kind}-uid`, [of.uid]],
        ];
  return Object.fromEntries([
    ['authentication.kubernetes.io/credential-id', [`JTI=${jti}`]],
    ...claim('pod', pod),
    ...claim('node', node),
  ]);
}

/** Tells whose token it may be, before anything is believed; undefined when it is no JWT. */
function unverifiedIssuer(token: string): string | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const payload: JsonValue = parseJson(Buffer.from(parts[1] ?? '', 'base64url'));
    return isJsonObject(payload) && typeof payload.iss === 'string' ? payload.iss : undefined;
  } catch {
    return undefined;
  }
}

/** A token ends with the account, and with the object it is bound to; one of the same name is another. KA-122 */
function boundObjects(claims: Claims): { readonly key: StorageKey; readonly uid: string }[] {
  const { namespace, account, secret, pod, node } = claims;
  const bound = (resource: string, where: string, claim: ObjectClaim | undefined) =>
    claim === undefined ? [] : [{ key: { resource, namespace: where, name: claim.name }, uid: claim.uid }];
  return [
    { key: { resource: 'serviceaccounts', namespace, name: account.name }, uid: account.uid },
    ...bound('secrets', namespace, secret),
    ...bound('pods', namespace, pod),
    // A pod's token ends with the pod, wherever that ran.
    ...bound('nodes', '', pod === undefined ? node : undefined),
  ];
}

/** More than that the account is gone: that may have been an accident, and another one of its name may come. */
function isNamespaceGone(store: Pick<Store, 'get'>, { namespace, account }: Claims): boolean {
  return (
    store.get({ resource: 'serviceaccounts', namespace, name: account.name }) === undefined &&
    store.get({ resource: 'namespaces', namespace: '', name: namespace }) === undefined
  );
}

function requireAlive(store: Pick<Store, 'get'>, key: StorageKey, uid: string): void {
  const entry = store.get(key);
  if (entry === undefined || entry.index.uid !== uid) throw new Error(`${key.resource} of the token is gone`);
  // A pod that is being stopped needs its token to the end.
  if (key.resource === 'pods') return;
  // Most bodies need not be decoded to know.
  if (entry.body.includes('"deletionTimestamp"') && isBeingDeleted(readStoredObject(entry))) {
    throw new Error(`${key.resource} of the token is being deleted`);
  }
}

function isBeingDeleted(object: JsonObject): boolean {
  return isJsonObject(object.metadata) && object.metadata.deletionTimestamp !== undefined;
}
