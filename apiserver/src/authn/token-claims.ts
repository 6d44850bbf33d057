import { isJsonObject, type JsonValue } from '@quarterdeck/machinery';

/** The claims of a service account token. Times in seconds since the epoch. KA-122 */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  /** Undefined: it lasts as long as the Secret that it is bound to. KA-117 */
  readonly exp: number | undefined;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly namespace: string;
  readonly account: ObjectClaim;
  readonly secret: ObjectClaim | undefined;
  readonly pod: ObjectClaim | undefined;
  /** Of a pod's token: where it runs, for information. Alone: what the token is bound to. */
  readonly node: ObjectClaim | undefined;
}

export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

/** Clocks of two hubs, and of whoever made the token, may differ by this much. F-20 */
const skewSeconds = 60;

/** @throws Error when one is missing or of another type */
export function readClaims(payload: JsonValue): Claims {
  const claims = expectObject(payload, 'payload');
  const kubernetes = expectObject(claims['kubernetes.io'], 'kubernetes.io');
  return {
    iss: expectText(claims.iss, 'iss'),
    sub: expectText(claims.sub, 'sub'),
    aud: expectTexts(claims.aud, 'aud'),
    exp: claims.exp === undefined ? undefined : expectNumber(claims.exp, 'exp'),
    iat: expectNumber(claims.iat, 'iat'),
    nbf: expectNumber(claims.nbf, 'nbf'),
    jti: expectText(claims.jti, 'jti'),
    namespace: expectText(kubernetes.namespace, 'namespace'),
    account: objectClaim(kubernetes.serviceaccount, 'serviceaccount'),
    secret: optionalClaim(kubernetes.secret, 'secret'),
    pod: optionalClaim(kubernetes.pod, 'pod'),
    node: optionalClaim(kubernetes.node, 'node'),
  };
}

/**
 * @returns those of the asked audiences that the token is for, at least one
 * @throws Error when the token is of another issuer, not for any of them, or not within its time
 */
export function checkClaims(
  claims: Claims,
  expected: { readonly issuer: string; readonly audiences: readonly string[]; readonly now: number },
): readonly string[] {
  const now = expected.now / 1000;
  if (claims.iss !== expected.issuer) throw new Error('the token is of another issuer');
  if (claims.exp === undefined && claims.secret === undefined) throw new Error('the token has no end');
  if (claims.exp !== undefined && now >= claims.exp + skewSeconds) throw new Error('the token has expired');
  if (now < claims.nbf - skewSeconds) throw new Error('the token is not valid yet');
  if (claims.sub !== `system:serviceaccount:${claims.namespace}:${claims.account.name}`) {
    throw new Error('the subject of the token is not its service account');
  }
  const matching = expected.audiences.filter((audience) => claims.aud.includes(audience));
  if (matching.length === 0) throw new Error('the token is for another audience');
  return matching;
}

const optionalClaim = (value: JsonValue | undefined, name: string): ObjectClaim | undefined =>
  value === undefined ? undefined : objectClaim(value, name);

function objectClaim(value: JsonValue | undefined, name: string): ObjectClaim {
  const claim = expectObject(value, name);
  return { name: expectText(claim.name, `${name}.name`), uid: expectText(claim.uid, `${name}.uid`) };
}

function expectObject(value: JsonValue | undefined, name: string) {
  if (!isJsonObject(value)) throw new Error(`claim ${name} is not an object`);
  return value;
}

/** An empty name is no name. SEC-14 */
function expectText(value: JsonValue | undefined, name: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`claim ${name} is not a text`);
  return value;
}

function expectTexts(value: JsonValue | undefined, name: string): string[] {
  if (!Array.isArray(value)) throw new Error(`claim ${name} is not a list`);
  return value.map((item) => expectText(item, name));
}

function expectNumber(value: JsonValue | undefined, name: string): number {
  if (typeof value !== 'number') throw new Error(`claim ${name} is not a number`);
  return value;
}
