import { StorageUnavailableError } from '../storage.ts';
import { ConnectionLostError, describe } from './errors.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';

/**
 * Runs something that may run twice, such as a read: once more when its connection turns out to be lost, which may have
 * happened while it was idle.
 * @param what for the error: `reading the latest revision`
 * @throws StorageUnavailableError
 */
export async function readOnLink<T>(
  link: Link<{ readonly session: Session }>,
  withinMs: number,
  what: string,
  run: (session: Session) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const { session } = await link.get(withinMs);
    try {
      return await run(session);
    } catch (cause) {
      if (cause instanceof ConnectionLostError && attempt === 0) continue;
      throw new StorageUnavailableError(`${what} failed: ${describe(cause)}`, { cause });
    }
  }
}
