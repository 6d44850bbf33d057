import type { Clock } from '@quarterdeck/machinery';
import { encodeJson } from '@quarterdeck/machinery';
import type { Registry, RegistryGroup, ResolvedResource } from '../../registry/registry.ts';
import { methodNotAllowed } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../http-message.ts';
import type { NonResourceHandler } from '../non-resource.ts';
import { openApiDocument } from './document.ts';
import { type Document, type Documents, toDocument } from './openapi-document.ts';
import { createSwaggerHandler } from './swagger-handler.ts';
import { wantsGnostic } from './wants-gnostic.ts';

/** How clients spell the type of the protobuf form; the second is how it is answered. KA-21b */
const protobufTypes = [
  'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
] as const;

const base = '/openapi/v3';
const yearMs = 365 * 86_400_000;

const swaggerPath = '/openapi/v2';

/** `/openapi/v3` and the document of each group version behind it. KA-21 */
export function createOpenApiHandler(registry: Registry, version: string, clock: Clock): NonResourceHandler {
  const documents = createDocuments(registry, version);
  const swagger = createSwaggerHandler(registry, documents, version);
  return (request, info) => {
    const path = info.path.replace(/\/$/, '');
    if (path === swaggerPath) return swagger(request, info.verb);
    if (path !== base && !path.startsWith(`${base}/`)) return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const asProtobuf = wantsGnostic(request.headers.accept, protobufTypes);
    // There is no protobuf form of the index.
    if (path === base) return index(documents);
    const name = path.slice(base.length + 1);
    const document = documents.get(name);
    if (document === undefined) return undefined;
    const written = asProtobuf ? { body: document.protobuf(), type: protobufTypes[1] } : asJson(document);
    return serve(request, name, { ...written, hash: document.hash }, clock);
  };
}

function index(documents: Documents): ApiResponse {
  const paths = Object.fromEntries(
    documents.names().map((name) => {
      const hash = documents.get(name)?.hash ?? '';
      return [name, { serverRelativeURL: `${base}/${name}?hash=${hash}` }];
    }),
  );
  const body = Buffer.from(encodeJson({ paths }), 'utf8');
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** One form of a document; the hash is the same for all. */
interface Form {
  readonly body: Uint8Array;
  readonly type: string;
  readonly hash: string;
}

const asJson = ({ body }: Document): Omit<Form, 'hash'> => ({ body, type: 'application/json' });

function serve(request: ApiRequest, name: string, { body, type, hash }: Form, clock: Clock): ApiResponse {
  const asked = request.query.get('hash') ?? '';
  const etag = { etag: `"${hash}"`, vary: 'Accept' };
  if (asked !== '' && asked !== hash) {
    return { status: 301, headers: { location: `${base}/${name}?hash=${hash}` }, body: new Uint8Array() };
  }
  if ((request.headers['if-none-match'] ?? '').includes(`"${hash}"`)) {
    return { status: 304, headers: etag, body: new Uint8Array() };
  }
  const headers = { 'content-type': type, ...etag };
  if (asked === '') return { status: 200, headers, body };
  const expires = new Date(clock.now() + yearMs).toUTCString();
  return { status: 200, headers: { ...headers, 'cache-control': 'public, immutable', expires }, body };
}

/** Documents are built when asked for, and again only when a resource of their group version changed. */
function createDocuments(registry: Registry, version: string): Documents {
  const built = new Map<string, { readonly resources: readonly ResolvedResource[]; readonly document: Document }>();
  return {
    names: () => registry.groups().flatMap((group) => group.versions.map(({ name }) => documentName(group, name))),
    get(name) {
      const resources = resourcesOf(registry, name);
      if (resources === undefined) {
        built.delete(name);
        return undefined;
      }
      const known = built.get(name);
      if (known !== undefined && isSame(known.resources, resources)) return known.document;
      const document = toDocument(openApiDocument(`/${name}`, resources, version));
      built.set(name, { resources, document });
      return document;
    },
  };
}

function documentName(group: RegistryGroup, version: string): string {
  return group.name === '' ? `api/${version}` : `apis/${group.name}/${version}`;
}

function resourcesOf(registry: Registry, name: string): readonly ResolvedResource[] | undefined {
  for (const group of registry.groups()) {
    const found = group.versions.find((version) => documentName(group, version.name) === name);
    if (found !== undefined) return found.resources;
  }
  return undefined;
}

function isSame(a: readonly ResolvedResource[], b: readonly ResolvedResource[]): boolean {
  return a.length === b.length && a.every((resource, index) => resource.version === b[index]?.version);
}
