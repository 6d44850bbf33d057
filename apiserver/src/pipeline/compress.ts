import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import type { ApiRequest, ApiResponse } from './http-message.ts';

const threshold = 128 * 1024;
/** Most of the gain for little of the time. */
const options = { level: constants.Z_BEST_SPEED };
const gzipAll = promisify<Uint8Array, typeof options, Buffer>(gzip);

/** Compresses large answers for clients that say they can read it; never for watches. KA-31 */
export async function compress(request: ApiRequest, response: ApiResponse): Promise<ApiResponse> {
  if (request.peer.type === 'internal' || !acceptsGzip(request.headers['accept-encoding'])) return response;
  const { body } = response;
  const isLarge = !(body instanceof Uint8Array) || body.byteLength > threshold;
  if (!isLarge || response.headers['content-encoding'] !== undefined) return response;
  const vary = response.headers.vary === undefined ? 'Accept-Encoding' : `${response.headers.vary}, Accept-Encoding`;
  const headers = { ...response.headers, 'content-encoding': 'gzip', vary };
  if (body instanceof Uint8Array) return { ...response, headers, body: await gzipAll(body, options) };
  return { ...response, headers, body: Readable.from(body).compose(createGzip(options)) };
}

function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((clause) => {
    const [name, quality = ''] = clause.split(';', 2).map((part) => part.trim().toLowerCase());
    return name === 'gzip' && !/^q=0(?:\.0*)?$/.test(quality);
  });
}
