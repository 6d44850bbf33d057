import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import { jsonWebKeySet, jwksMediaType, openIdConfiguration, openIdPaths } from '../../authn/openid.ts';
import type { SigningKeys } from '../../tls/signing-keys.ts';
import { methodNotAllowed } from '../errors.ts';
import type { ApiResponse } from '../http-message.ts';
import type { NonResourceHandler } from '../non-resource.ts';

/** The documents by which others verify service account tokens. KA-123 */
export function createOpenIdHandler(issuer: string, keys: SigningKeys): NonResourceHandler {
  return (_request, info) => {
    const { path, verb } = info;
    if (path !== openIdPaths.configuration && path !== openIdPaths.keys) return undefined;
    if (verb !== 'get') throw methodNotAllowed();
    if (path === openIdPaths.keys) return document(jsonWebKeySet(keys), jwksMediaType);
    return document(openIdConfiguration(issuer), 'application/json');
  };
}

function document(value: JsonObject, contentType: string): ApiResponse {
  const headers = { 'content-type': contentType, 'cache-control': 'public, max-age=3600' };
  return { status: 200, headers, body: Buffer.from(encodeJson(value), 'utf8') };
}
