import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { badRequest } from '@quarterdeck/apis';
import type { Revision } from '../storage/storage.ts';

/** Where the next page of a list starts. KA-82 */
export interface ContinuePosition {
  readonly revision: Revision;
  readonly after: { readonly namespace: string; readonly name: string };
}

/**
 * Opaque, URL-safe, and signed together with the list it belongs to, so that a forged token or one of another list is
 * refused (BI-12). Every replica has the same key.
 */
export interface ContinueTokens {
  write(scope: string, position: ContinuePosition): string;
  /** @throws ApiError BadRequest */
  read(scope: string, token: string): ContinuePosition;
}

const signatureBytes = 16;

export function createContinueTokens(key: Uint8Array): ContinueTokens {
  // A copy: a few octets of a pooled buffer would keep the whole of its pool, 64 KiB, for as long as the server lives.
  const secret = createSecretKey(key);
  const sign = (scope: string, payload: Uint8Array) =>
    createHmac('sha256', secret).update(`${scope}\n`).update(payload).digest().subarray(0, signatureBytes);
  return {
    write(scope, { revision, after }) {
      const payload = Buffer.from(`${revision}/${after.namespace}/${after.name}`, 'utf8');
      return Buffer.concat([sign(scope, payload), payload]).toString('base64url');
    },
    read(scope, token) {
      const bytes = Buffer.from(token, 'base64url');
      const payload = bytes.subarray(signatureBytes);
      const given = bytes.subarray(0, signatureBytes);
      const [revision, namespace, ...name] = payload.toString('utf8').split('/');
      const isGenuine = given.length === signatureBytes && timingSafeEqual(given, sign(scope, payload));
      if (!isGenuine || namespace === undefined) throw badRequest('continue key is not valid');
      return { revision: Number(revision), after: { namespace, name: name.join('/') } };
    },
  };
}
