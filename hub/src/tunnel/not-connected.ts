import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';

/** The 503 for a member without a tunnel to this process. RG-52 */
export function notConnected(name: string): ApiError {
  const message = `${name} has no tunnel to this hub now: its agent is away, or runs without --tunnel`;
  // Without Retry-After: clients would repeat it for a minute before they say what is wrong.
  return apiError(StatusReason.ServiceUnavailable, message);
}
