import { ApiError, apiError, type Status, StatusReason } from '@quarterdeck/apis';
import { WireError } from '@quarterdeck/machinery';
import { CompactedError, RevisionAheadError } from '../cache/store.ts';
import { StorageUnavailableError, WriteOutcomeUnknownError } from '../storage/storage.ts';

/** A path or resource that this server does not have. KA-7 */
export function unknownPath(): ApiError {
  return apiError(StatusReason.NotFound, 'the server could not find the requested resource', {});
}

/** A resource that exists and does not know the method. KA-7 */
export function methodNotAllowed(): ApiError {
  return apiError(StatusReason.MethodNotAllowed, 'the server does not allow this method on the requested resource', {});
}

/** KA-82, KA-87 */
export function expired(message: string): ApiError {
  return apiError(StatusReason.Expired, message);
}

/** Whatever went wrong, as the Status a client gets. Unknown failures become 500 without their text: it may be secret. */
export function toApiError(error: unknown, signal?: AbortSignal): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof WireError) return apiError(StatusReason.BadRequest, error.message, undefined, { cause: error });
  if (error instanceof CompactedError) return expired('The resourceVersion for the provided watch is too old.');
  if (error instanceof RevisionAheadError) return tooLarge(error);
  if (error instanceof StorageUnavailableError) return storageUnavailable(error);
  if (error instanceof WriteOutcomeUnknownError) return outcomeUnknown(error);
  if (signal?.aborted && signal.reason instanceof ApiError) return signal.reason;
  return apiError(StatusReason.InternalError, 'internal error: the request failed; see the server log', undefined, {
    cause: error,
  });
}

/** client-go keys on the cause's reason. KA-40 */
function tooLarge(error: RevisionAheadError): ApiError {
  return apiError(
    StatusReason.Timeout,
    `Timeout: Too large resource version: ${error.asked}, current: ${error.current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

/** KA-41 */
function storageUnavailable(error: StorageUnavailableError): ApiError {
  return apiError(
    StatusReason.ServerTimeout,
    'The storage cannot answer at the moment, please try again',
    { retryAfterSeconds: 1 },
    { cause: error },
  );
}

/** No Retry-After: the write may have happened, so the client has to look first. */
function outcomeUnknown(error: WriteOutcomeUnknownError): ApiError {
  return apiError(StatusReason.Timeout, 'the storage did not confirm the write: it may have happened', undefined, {
    cause: error,
  });
}

export function deadlineExceeded(): ApiError {
  return apiError(StatusReason.Timeout, 'Timeout: request did not complete within the requested timeout');
}

/** Nothing was sent yet, so that the client may simply ask again. KA-92, KA-140d */
export function watchNotOpened(): ApiError {
  const message = 'Timeout: the watch could not be opened within the time for it, please try again';
  return apiError(StatusReason.Timeout, message, { retryAfterSeconds: 1 });
}

/** Headers that belong to a failure: Retry-After. KA-36 */
export function statusHeaders(status: Status): Record<string, string> {
  const seconds = status.details?.retryAfterSeconds;
  return seconds === undefined || seconds <= 0 ? {} : { 'retry-after': String(seconds) };
}
