import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';

/** Whether this process is the whole hub: with a database of its own it is, with one that others may share it may not be. */
export interface HubShare {
  readonly isOnlyProcess: boolean;
}

/** The 503 for a member without a tunnel to this process: what to look at. RG-52 */
export function notConnected(name: string, { isOnlyProcess }: HubShare): ApiError {
  const why = isOnlyProcess
    ? 'its agent is away, or runs without --tunnel'
    : 'its agent is away, runs without --tunnel, or holds its tunnel to another process of this hub: start it with a --tunnel-url for each of them, see docs/guides/reach-members.md';
  // Without Retry-After: clients would repeat it for a minute before they say what is wrong.
  return apiError(StatusReason.ServiceUnavailable, `${name} has no tunnel to this hub now: ${why}`);
}
