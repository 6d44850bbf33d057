import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeJson, isJsonObject, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** Keys of service account tokens: one signs, all verify, so that a new one can take over without ending old tokens. KA-122 */
export interface SigningKeys {
  readonly signing: { readonly kid: string; readonly algorithm: 'ES256'; readonly privateKey: KeyObject };
  readonly verifying: ReadonlyMap<string, VerifyingKey>;
}

interface VerifyingKey {
  readonly kid: string;
  readonly algorithm: 'ES256';
  readonly publicKey: KeyObject;
  /** The public key alone, as it stands in the published key set. KA-123 */
  readonly jwk: JsonObject;
}

/** What is stored: PKCS#8 keys in PEM, the signing one first. */
export function createSigningKeysText(): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return Promise.resolve(encodeJson({ keys: [key] }));
}

/** @throws Error when the text is not what {@link createSigningKeysText} writes */
export async function readSigningKeys(text: string): Promise<SigningKeys> {
  const stored = parseJson(text);
  const pems = isJsonObject(stored) && Array.isArray(stored.keys) ? stored.keys : [];
  const keys = await Promise.all(pems.map((pem) => openKey(String(pem))));
  const [first] = keys;
  if (first === undefined) throw new Error('no service account signing key is stored');
  return {
    signing: { kid: first.verifying.kid, algorithm: 'ES256', privateKey: first.privateKey },
    verifying: new Map(keys.map(({ verifying }) => [verifying.kid, verifying])),
  };
}

async function openKey(pem: string): Promise<{ privateKey: KeyObject; verifying: VerifyingKey }> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as JWK;
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) {
    throw new Error('a service account signing key is not of type P-256');
  }
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  const jwk = { use: 'sig', kty, kid, crv, alg: 'ES256', x, y };
  return { privateKey, verifying: { kid, algorithm: 'ES256', publicKey, jwk } };
}
