import {
  ApiError,
  conditionType,
  findCondition,
  isForbidden,
  isNotFound,
  isUnauthorized,
  type MemberCluster,
  type Stored,
} from '@quarterdeck/apis';
import type { Clock } from '@quarterdeck/machinery';

export interface UntilGoneOptions {
  /** Reads the registration, as the member itself. */
  readonly read: () => Promise<Stored<MemberCluster>>;
  /** Told what is waited for, each time that this changes. */
  readonly onProgress: (message: string) => void;
  readonly clock: Clock;
}

const pollMs = 1_000;

/**
 * Waits until a member that asked to leave has left. A hub that does not answer for a while knows what it was asked: it is
 * waited for. RG-40
 * @throws ApiError when the hub answers with something that waiting does not mend
 */
export async function untilGone(options: UntilGoneOptions, signal: AbortSignal): Promise<void> {
  const { read, onProgress, clock } = options;
  let told = beginText;
  onProgress(told);
  for (;;) {
    const message = await orGone(read().then(waitsFor)).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof ApiError && error.code >= 500) return awayText;
      throw error;
    });
    if (message === undefined) return;
    if (message !== told) onProgress(message);
    told = message;
    await clock.sleep(pollMs, signal);
  }
}

const beginText = 'waiting for the hub to begin';
const awayText =
  'the hub does not answer; it goes on with the leaving when it is there, also when this command has ended';

function waitsFor({ status }: Stored<MemberCluster>): string {
  const leaving = findCondition(status?.conditions, conditionType.MemberCluster.Leaving);
  return leaving?.message ?? beginText;
}

/** A member that has left is refused, whether or not its registration is still there for a moment. */
export async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error) || isRefusal(error)) return undefined;
    throw error;
  }
}

/** Of who the agent says it is, or of what it asks. */
export const isRefusal = (error: unknown): boolean => isForbidden(error) || isUnauthorized(error);
