import type { JsonObject } from '@quarterdeck/machinery';
import type { SigningKeys } from '../tls/signing-keys.ts';

/** Paths of the documents by which others verify service account tokens. KA-123 */
export const openIdPaths = Object.freeze({
  configuration: '/.well-known/openid-configuration',
  keys: '/openid/v1/jwks',
});

/** Content type of the key set. */
export const jwksMediaType = 'application/jwk-set+json';

/** `/.well-known/openid-configuration`, served as `application/json`. @param issuer URL without a slash at its end */
export function openIdConfiguration(issuer: string): JsonObject {
  return {
    issuer,
    jwks_uri: `${issuer}${openIdPaths.keys}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

/** `/openid/v1/jwks`: the public keys, each that verifies. */
export function jsonWebKeySet(keys: SigningKeys): JsonObject {
  return { keys: [...keys.verifying.values()].map(({ jwk }) => ({ ...jwk })) };
}
