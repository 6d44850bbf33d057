import { isAlreadyExists, isConflict, isNotFound } from '@quarterdeck/apis';
import type { ExpectationFailedError } from '../../storage/storage.ts';
import type { RequestScope } from '../scope.ts';

type Scope = Pick<RequestScope, 'server' | 'signal'>;

/**
 * Judges a write by what is newest. Another process may have written what this one has not heard of yet, so a refusal by what
 * is known here counts only when the database knows no more; otherwise the work is done over, once. KA-66, KA-146a
 * @param work stores nothing when it rejects with NotFound, Conflict or AlreadyExists
 */
export async function onCurrentState<T>({ server: { store }, signal }: Scope, work: () => Promise<T>): Promise<T> {
  const known = store.revision;
  try {
    return await work();
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error) && !isAlreadyExists(error)) throw error;
    await store.fresh(signal);
    if (store.revision === known) throw error;
    return await work();
  }
}

/** After a write that came too late: what it lost to is known here before it is tried again. KA-66 */
export async function catchUp({ server: { store }, signal }: Scope, lost: ExpectationFailedError): Promise<void> {
  const known = store.get(lost.key)?.revision ?? 'absent';
  if (known !== lost.found) await store.fresh(signal);
}
