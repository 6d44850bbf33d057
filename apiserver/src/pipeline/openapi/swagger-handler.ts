import type { Registry } from '../../registry/registry.ts';
import { methodNotAllowed } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../http-message.ts';
import { type Document, type Documents, hashOf } from './openapi-document.ts';
import { swaggerText, toSwagger } from './swagger.ts';
import { encodeSwagger } from './swagger-protobuf.ts';
import { wantsGnostic } from './wants-gnostic.ts';

/** How clients spell the type of the protobuf form; the second is how it is answered. KA-26b */
const protobufTypes = [
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
] as const;

type Written = Pick<Document, 'body' | 'hash'>;

/** `/openapi/v2`: Swagger 2.0 as JSON, or as protobuf, built when asked for and again when a kind changed. KA-26 */
export function createSwaggerHandler(registry: Registry, documents: Documents, version: string) {
  let known: { readonly generation: number; readonly json: Written; protobuf?: Written } | undefined;

  const values = () =>
    documents.names().flatMap((name) => {
      const document = documents.get(name);
      return document === undefined ? [] : [document.value];
    });
  const build = () => ({
    generation: registry.generation,
    json: writtenAs(Buffer.from(swaggerText(values(), version), 'utf8')),
  });

  return (request: ApiRequest, verb: string): ApiResponse => {
    if (verb !== 'get') throw methodNotAllowed();
    const asProtobuf = wantsGnostic(request.headers.accept, protobufTypes);
    if (known?.generation !== registry.generation) known = build();
    if (!asProtobuf) return answer(request, known.json, 'application/json');
    known.protobuf ??= writtenAs(Buffer.from(encodeSwagger(toSwagger(values(), version))));
    return answer(request, known.protobuf, protobufTypes[1]);
  };
}

const writtenAs = (body: Buffer): Written => ({ body, hash: hashOf(body) });

function answer(request: ApiRequest, { body, hash }: Written, contentType: string): ApiResponse {
  const etag = { etag: `"${hash}"`, vary: 'Accept' };
  if ((request.headers['if-none-match'] ?? '').includes(`"${hash}"`)) {
    return { status: 304, headers: etag, body: new Uint8Array() };
  }
  return { status: 200, headers: { 'content-type': contentType, ...etag }, body };
}
