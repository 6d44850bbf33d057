import { ApiError, isForbidden } from '@quarterdeck/apis';

/** What may end otherwise when it is tried again: sign in, find the kind, look anew, wait. */
const passing = new Set([401, 404, 408, 409, 429]);

/**
 * Whether the object itself was not taken: it is not valid, or a policy or an admission webhook, which answers by any code it
 * likes, is against it. To try again is no use until somebody changes something. RG-5
 */
export function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const { code } = error;
  return code >= 400 && code < 500 && !passing.has(code) && !lacksRights(error);
}

/** The 403 of who asks, worded so by every Kubernetes API: the hub has lost rights on a Kubernetes hub, and may be given them back. */
export const lacksRights = (error: unknown): error is ApiError =>
  error instanceof ApiError && isForbidden(error) && / is forbidden: User "[^"]*" cannot /.test(error.message);
