import { type ApiError, apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import { encodeJson } from '@quarterdeck/machinery';
import type { ApiRequest } from './http-message.ts';

/** KA-63 */
const maxBodyBytes = 3 * 1024 * 1024;

function tooLarge(limit: number): ApiError {
  return apiError(StatusReason.RequestEntityTooLarge, `Request entity too large: limit is ${limit}`);
}

/**
 * Reads the whole body, refusing it as soon as it is known to be too large. BI-2
 * @throws ApiError RequestEntityTooLarge, UnsupportedMediaType (a content encoding)
 */
export async function readBody(request: ApiRequest, limit = maxBodyBytes): Promise<Uint8Array> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw apiError(StatusReason.UnsupportedMediaType, `the content encoding ${encodeJson(encoding)} is not accepted`);
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== size && !request.signal.aborted) {
    throw badRequest(`the body has ${size} bytes, Content-Length says ${announced}`);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}
