import { encodeJson, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import { collectBody, emptyBody } from '../client/body.ts';
import type { ApiResponse, Pipeline } from '../pipeline/http-message.ts';
import { systemUser } from '../server.ts';

export interface TestRequest {
  readonly method?: string;
  /** With the query: `/api/v1/configmaps?limit=1`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text and bytes as they are. */
  readonly body?: JsonValue | Uint8Array;
  /** Default: the server's own, which may do everything. Null: from the network, with the headers' credentials. */
  readonly user?: UserInfo | null;
  /** DER; with `user: null`. */
  readonly clientCertificate?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: ApiResponse['headers'];
  readonly text: string;
  /** The decoded body; an empty object when it is not JSON. */
  readonly json: JsonObject;
}

/** Sends one request through a pipeline and reads the whole answer. */
export async function send(pipeline: Pipeline, request: TestRequest): Promise<TestResponse> {
  const response = await open(pipeline, request);
  const text = Buffer.from(await collectBody(response.body)).toString('utf8');
  const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? (parseJson(text) as JsonObject) : {},
  };
}

/** Sends one request and hands back the answer as it comes: for watches. */
export function open(pipeline: Pipeline, request: TestRequest): Promise<ApiResponse> {
  const [path = '', search = ''] = request.url.split('?', 2);
  const bytes = bytesOf(request.body);
  const user = request.user === undefined ? systemUser : request.user;
  return pipeline({
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    headers: { ...request.headers },
    headerLists: {},
    body: bytes === undefined ? emptyBody : pieces(bytes),
    peer:
      user === null
        ? { type: 'network', address: '192.0.2.1', clientCertificate: request.clientCertificate }
        : { type: 'internal', user },
    signal: request.signal ?? new AbortController().signal,
  });
}

function bytesOf(body: TestRequest['body']): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body as Uint8Array | undefined;
  return Buffer.from(typeof body === 'string' ? body : encodeJson(body as JsonValue), 'utf8');
}

/** In two pieces, as a network would. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const middle = bytes.byteLength >> 1;
  yield bytes.subarray(0, middle);
  yield bytes.subarray(middle);
}
