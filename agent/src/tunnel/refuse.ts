import type { ServerHttp2Stream } from 'node:http2';
import { apiError, type StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';

export const unusablePolicy = 'the policy of this member for the tunnel cannot be used; see the log of its agent';

/** Answers a request of the hub by a Status; nothing where an answer has begun. */
export function refuse(stream: ServerHttp2Stream, reason: StatusReason, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  const { status } = apiError(reason, message);
  stream.respond({ ':status': status.code ?? 500, 'content-type': 'application/json' });
  stream.end(encodeJson(status as unknown as JsonObject));
  stream.resume();
}
