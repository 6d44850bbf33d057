import { ApiError } from '@quarterdeck/apis';

/**
 * What a log tells of a failure: of one that a server or the way to it is to blame for, its words; of anything else, which may
 * be a bug, the whole error.
 */
export const failureFields = (error: unknown): { reason: string } | { err: unknown } =>
  error instanceof ApiError ? { reason: error.message } : { err: error };
