import { createHmac, timingSafeEqual } from 'node:crypto';
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

export function createContinueTokens(key: Uint8Array): ContinueTokens {
  const sign = (scope: string, payload: string) =>
    createHmac('sha256', key).update(`${scope}\n${payload}`).digest().subarray(0, 16);
  return {
    write(scope, { revision, after }) {
      const payload = `${revision}/${after.namespace}/${after.name}`;
      return `${Buffer.from(payload).toString('base64url')}.${sign(scope, payload).toString('base64url')}`;
    },
    read(scope, token) {
      const [encoded = '', signature = ''] = token.split('.');
      const payload = Buffer.from(encoded, 'base64url').toString('utf8');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(scope, payload);
      const [revision, namespace, ...name] = payload.split('/');
      if (given.length !== expected.length || !timingSafeEqual(given, expected) || namespace === undefined) {
        throw badRequest('continue key is not valid');
      }
      return { revision: Number(revision), after: { namespace, name: name.join('/') } };
    },
  };
}
