import type { ApiRequest, ApiResponse } from './http-message.ts';
import type { NonResourceRequest } from './request-info.ts';

/** Answers requests outside `/api/VERSION` and `/apis/GROUP/VERSION`; undefined when the path is not its own. */
export type NonResourceHandler = (
  request: ApiRequest,
  info: NonResourceRequest,
) => Promise<ApiResponse | undefined> | ApiResponse | undefined;
