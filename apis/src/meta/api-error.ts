import {
  type CauseReason,
  type Status,
  type StatusCause,
  type StatusDetails,
  StatusReason,
  statusCodes,
} from './status.ts';

/**
 * A failure that a Kubernetes client understands: it carries the whole Status. The only error type that crosses the
 * API, in both directions; nothing else in the code knows HTTP codes.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown failure', options);
    this.status = status;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }

  get code(): number {
    return this.status.code ?? 500;
  }
}

/** Builds an ApiError; the code comes from the one table. */
export function apiError(
  reason: StatusReason,
  message: string,
  details?: StatusDetails,
  options?: ErrorOptions,
): ApiError {
  return new ApiError(
    {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code: statusCodes[reason],
    },
    options,
  );
}

interface Named {
  group: string;
  plural: string;
}
const resourceName = (type: Named) => (type.group === '' ? type.plural : `${type.plural}.${type.group}`);

export function notFound(type: Named, name: string): ApiError {
  return apiError(StatusReason.NotFound, `${resourceName(type)} "${name}" not found`, {
    name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
  });
}

export function alreadyExists(type: Named, name: string): ApiError {
  return apiError(StatusReason.AlreadyExists, `${resourceName(type)} "${name}" already exists`, {
    name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
  });
}

export function conflict(type: Named, name: string, why: string, causes?: StatusCause[]): ApiError {
  return apiError(StatusReason.Conflict, `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`, {
    name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
    ...(causes === undefined ? {} : { causes }),
  });
}

/** The 409 of optimistic locking. KA-66 */
export function modifiedConflict(type: Named, name: string): ApiError {
  return conflict(
    type,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

export function badRequest(message: string): ApiError {
  return apiError(StatusReason.BadRequest, message);
}

/** One refused field: what is wrong at which path. */
export interface FieldError {
  reason: NonNullable<StatusCause['reason']>;
  /** `spec.predicates[0].labelSelector` */
  field: string;
  /** In Kubernetes' words, without the path: `Invalid value: "x": must be ...`, `Required value`. */
  message: string;
}

/** 422 with one cause per field error, message as Kubernetes joins them. KA-38 */
export function invalid(type: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return apiError(
    StatusReason.Invalid,
    `${type.group === '' ? type.kind : `${type.kind}.${type.group}`} "${name}" is invalid: ${joined}`,
    {
      ...(name === '' ? {} : { name }),
      ...(type.group === '' ? {} : { group: type.group }),
      ...(type.kind === '' ? {} : { kind: type.kind }),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  );
}

const hasReason = (error: unknown, ...reasons: StatusReason[]) =>
  error instanceof ApiError && (reasons as string[]).includes(error.reason);

export const isNotFound = (error: unknown): boolean => hasReason(error, StatusReason.NotFound);
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, StatusReason.AlreadyExists);
export const isConflict = (error: unknown): boolean => hasReason(error, StatusReason.Conflict);
export const isInvalid = (error: unknown): boolean => hasReason(error, StatusReason.Invalid);
export const isForbidden = (error: unknown): boolean => hasReason(error, StatusReason.Forbidden);
export const isUnauthorized = (error: unknown): boolean => hasReason(error, StatusReason.Unauthorized);
/**
 * The 401 by which a server of ours says of a token that it made, and that is within its time: its service account is gone,
 * and the namespace of that too. A Kubernetes server says this of no token. RG-41
 */
export const isAccountNamespaceGone = (error: unknown): boolean =>
  error instanceof ApiError &&
  isUnauthorized(error) &&
  error.status.details?.causes?.some(({ reason }) => reason === accountNamespaceGone) === true;
export const accountNamespaceGone = 'AccountNamespaceGone' satisfies CauseReason;
/** The resourceVersion asked for has been compacted away: list again. */
export const isExpired = (error: unknown): boolean => hasReason(error, StatusReason.Expired, StatusReason.Gone);

/** Awaits, turning NotFound into undefined; every other failure is thrown. */
export async function ignoreNotFound<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
