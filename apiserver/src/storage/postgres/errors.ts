import { StorageUnavailableError } from '../storage.ts';

/** The database's schema is newer than this program can use: it has to be upgraded. The text says to what. */
export class IncompatibleSchemaError extends Error {
  override readonly name = 'IncompatibleSchemaError';
}

/** The database is there but cannot be used as configured (password, name, rights, encoding). Trying again does not help. */
export class StorageConfigurationError extends Error {
  override readonly name = 'StorageConfigurationError';
}

/** The connection ended, or was ended because the server did not answer; what was in flight may have happened. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** SQLSTATE of an error from the server, or Node's code; undefined when it has none. */
export function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/** The server ends the session after these, perhaps after it committed what was in flight. */
export function endsSession(cause: unknown): boolean {
  return cause instanceof ConnectionLostError || /^(08...|57P0[1-5])$/.test(codeOf(cause) ?? '');
}

/** Rolled back because of others: the same statement may well succeed now. F-8 */
export function isRetryable(cause: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(codeOf(cause) ?? '');
}

/** `write_batch` raises it when another connection has taken the writer over. */
export const fencedCode = 'QD001';

/** Rolled back for want of something that may come back: disk, memory, time, the right to write. */
export function isShortage(cause: unknown): boolean {
  return /^(53...|57014|58...|25006|XX...)$/.test(codeOf(cause) ?? '');
}

const misconfigured: Readonly<Record<string, string>> = {
  '28000': 'refused this user',
  '28P01': 'refused this password',
  '3D000': 'has no such database',
  '42501': 'does not give this user the rights needed',
  '3F000': 'has no such schema',
};

/** What to tell about a failed connection: where to, what was wrong, what to do. Never a password. */
export function connectionError(where: string, cause: unknown): Error {
  const code = codeOf(cause) ?? '';
  const known = misconfigured[code];
  if (known) return new StorageConfigurationError(`PostgreSQL at ${where} ${known}: check the database URL`, { cause });
  const detail = code === '' && cause instanceof Error ? cause.message : code;
  return new StorageUnavailableError(`cannot reach PostgreSQL at ${where} (${detail}): check that it runs there`, {
    cause,
  });
}

export function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
