import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';

/**
 * The 401 that every bad credential gets. The text says nothing about what was wrong: that is for logs, which get
 * `cause`. BI-26
 */
export function unauthorized(cause?: unknown): ApiError {
  return apiError(StatusReason.Unauthorized, 'Unauthorized', undefined, cause === undefined ? undefined : { cause });
}
