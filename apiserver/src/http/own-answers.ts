import { apiError, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { ApiResponse } from '../pipeline/http-message.ts';
import type { RawRequest } from './request.ts';

/** What the listener itself answers, before or beside every pipeline: a Status in JSON. */
export function failure(reason: StatusReason, message: string, headers: Record<string, string> = {}): ApiResponse {
  const { status } = apiError(reason, message);
  return {
    status: status.code ?? 500,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(encodeJson(status as unknown as JsonObject), 'utf8'),
  };
}

/** HTTP/2 has no Connection header: sessions are told to go away instead. KA-145 */
export function shuttingDown({ httpVersionMajor }: Pick<RawRequest, 'httpVersionMajor'>): ApiResponse {
  const close: Record<string, string> = httpVersionMajor < 2 ? { connection: 'close' } : {};
  const headers = { 'retry-after': '5', ...close };
  return failure(StatusReason.TooManyRequests, 'the server is shutting down, please try again later', headers);
}

/** Not 404: a client that watches would take it for an answer, and start over. KA-92 */
export function notYet(): ApiResponse {
  return failure(StatusReason.ServiceUnavailable, 'the server is starting, try again', { 'retry-after': '1' });
}

export function nothingHere(): ApiResponse {
  return failure(StatusReason.NotFound, 'the server could not find the requested resource');
}
