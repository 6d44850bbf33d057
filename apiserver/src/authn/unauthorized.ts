import { type ApiError, accountNamespaceGone, apiError, StatusReason } from '@quarterdeck/apis';

/**
 * The 401 that every bad credential gets. The text says nothing about what was wrong: that is for logs, which get
 * `cause`. BI-26
 */
export function unauthorized(cause?: unknown): ApiError {
  return apiError(StatusReason.Unauthorized, 'Unauthorized', undefined, cause === undefined ? undefined : { cause });
}

/**
 * The one 401 that says why, to the holder of a token that this server made and that would still be good: an agent must be
 * able to tell that it was removed from keys that were replaced. Whoever holds no such token learns nothing. RG-41
 */
export function accountNamespaceIsGone(namespace: string): ApiError {
  const message = `the service account of the token is gone, and so is its namespace ${namespace}`;
  const cause = new Error('serviceaccounts of the token is gone');
  return apiError(
    StatusReason.Unauthorized,
    'Unauthorized',
    { causes: [{ reason: accountNamespaceGone, message }] },
    { cause },
  );
}
