import { negotiate, parseAccept, plainOffer } from '../accept.ts';

/**
 * Whether a client wants an OpenAPI document in the protobuf form of these media types rather than in JSON.
 * @throws ApiError NotAcceptable when it wants neither. KA-21, KA-26
 */
export function wantsGnostic(accept: string | undefined, types: readonly string[]): boolean {
  for (const { name } of parseAccept(accept)) {
    if (types.includes(name)) return true;
    if (['application/json', 'application/*', '*/*'].includes(name)) break;
  }
  negotiate(accept, { ...plainOffer, encodings: ['json'] }, false);
  return false;
}
