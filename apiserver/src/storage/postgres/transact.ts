import type { Session } from './session.ts';

/** Runs `work` in one transaction of a session that nobody else uses meanwhile. */
export async function transact<T>(session: Session, begin: string, work: () => Promise<T>): Promise<T> {
  await session.query({ text: begin });
  try {
    const result = await work();
    await session.query({ text: 'commit' });
    return result;
  } catch (cause) {
    // A session that cannot even roll back is lost, and the server rolls back by itself.
    if (!session.lost) await session.query({ text: 'rollback' }).catch(() => session.destroy());
    throw cause;
  }
}
