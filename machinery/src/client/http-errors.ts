import { ApiError, apiError, type Status, StatusReason, statusCodes } from '@quarterdeck/apis';
import { isJsonObject } from '../wire/value.ts';

/**
 * The cause of ApiErrors whose request or answer was lost on the way: no server spoke. The reason of the ApiError is
 * then ServiceUnavailable, or Timeout when we gave up waiting.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The system's or undici's code, for example `ECONNREFUSED`, `CERT_HAS_EXPIRED`; empty when there is none. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a failed call got no answer at all, so that a write may or may not have happened. */
export const isConnectionError = (error: unknown): boolean =>
  error instanceof ApiError && error.cause instanceof ConnectionError;

/** Whether an established connection broke before the answer came; not when none could be made. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof ApiError) || !(error.cause instanceof ConnectionError)) return false;
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(error.cause.code);
}

/** What OpenSSL says where it finds no CA that it was told to trust; its words are about chains. */
const untrustedCodes = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

/** Whether a call failed because whoever answers at the address shows a certificate of no CA that the server is known by. */
export const isUntrustedServer = (error: unknown): boolean =>
  error instanceof ApiError && error.cause instanceof ConnectionError && untrustedCodes.includes(error.cause.code);

/** @param what the request, as `GET https://host/path` */
export function connectionFailure(what: string, cause: unknown): ApiError {
  const { message: words, code } = innermost(cause);
  const message = untrustedCodes.includes(code)
    ? `the certificate shown there is of no CA that the server is known by (${words})`
    : words;
  const error = new ConnectionError(message, code, { cause });
  return apiError(StatusReason.ServiceUnavailable, `${what}: ${message}`, undefined, { cause: error });
}

export function timeoutFailure(what: string, timeoutMs: number): ApiError {
  const message = `no answer within ${timeoutMs} ms`;
  const error = new ConnectionError(message, 'ETIMEDOUT');
  return apiError(StatusReason.Timeout, `${what}: ${message}`, undefined, { cause: error });
}

/** Node wraps what happened (AggregateError of all addresses tried, causes): find the words that tell. */
function innermost(error: unknown): { message: string; code: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  if (error.message === '' && error.cause !== undefined) return innermost(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { message: error.message === '' ? code || error.name : error.message, code };
}

/** What an HTTP answer looked like. */
export interface FailedAnswer {
  code: number;
  /** Decoded when the body was JSON; undefined otherwise. */
  body: unknown;
  /** The body's beginning, for messages. */
  text: string;
  method: string;
  retryAfterSeconds: number | undefined;
}

/** The ApiError of an answer that is not 2xx: its Status, or one made up from the code when it carries none. KA-36 */
export function answerFailure(what: string, answer: FailedAnswer): ApiError {
  const status = asStatus(answer.body);
  if (status !== undefined) return new ApiError({ ...status, code: status.code ?? answer.code });
  const { reason, message } = genericReason(answer);
  return new ApiError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    reason,
    code: answer.code,
    message: `${what}: ${message}${answer.text === '' ? '' : `: ${answer.text}`}`,
    ...(answer.retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds: answer.retryAfterSeconds } }),
  });
}

/** A failure Status, as the server sent it; undefined when it is something else. */
export function asStatus(body: unknown): Status | undefined {
  if (!isJsonObject(body) || body.kind !== 'Status' || body.apiVersion !== 'v1') return undefined;
  return body as unknown as Status;
}

function genericReason({ code, method }: FailedAnswer): { reason: string; message: string } {
  if (code >= 300 && code < 400) {
    return { reason: StatusReason.InternalError, message: `answered ${code}, and redirects are never followed` };
  }
  if (code === 409) {
    return { reason: method === 'POST' ? StatusReason.AlreadyExists : StatusReason.Conflict, message: 'answered 409' };
  }
  if (code === 410) return { reason: StatusReason.Expired, message: 'answered 410' };
  if (code === 500) return { reason: StatusReason.InternalError, message: 'answered 500' };
  const known = Object.values(StatusReason).find((reason) => statusCodes[reason] === code);
  return { reason: known ?? (code >= 500 ? StatusReason.InternalError : 'Unknown'), message: `answered ${code}` };
}
