import { ApiError } from '@quarterdeck/apis';
import { isConnectionError } from '@quarterdeck/machinery';

/** Whether an error says that the hub cannot be reached, rather than what it thinks of the request. F-14 */
export const isHubAway = (error: unknown): boolean =>
  isConnectionError(error) || (error instanceof ApiError && [502, 503, 504].includes(error.code));
