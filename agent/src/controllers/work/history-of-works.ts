import type { Work } from '@quarterdeck/apis';
import type { Informer } from '@quarterdeck/machinery';
import { isHubAway } from './hub-away.ts';
import type { HubHistory } from './hub-history.ts';

export interface HistorySources {
  readonly works: Pick<Informer<Work>, 'loads'>;
  /** As it was last heard. */
  readonly history: () => HubHistory;
  /**
   * Asked of the hub just now.
   * @param anew an answer of a moment ago will not do
   * @throws ApiError when the hub cannot say
   */
  readonly askHistory: (signal: AbortSignal, anew: boolean) => Promise<HubHistory>;
}

export interface HistoryOfWork {
  readonly history: HubHistory;
  /** False: the hub went away before it could be asked after a load. What it holds is not to be followed until it has answered. */
  readonly isKnown: boolean;
}

/**
 * The history that the Works in sight are of. A hub that was restored has its agents load everything anew, so it is asked once
 * after each load, and whenever a Work was not delivered exactly so before. Else what was heard last holds: what was delivered is
 * kept right while the hub is away. RG-10, F-14
 */
export function historyOfWorks({ works, history, askHistory }: HistorySources) {
  let askedForLoad = 0;
  return async (isDelivered: boolean, signal: AbortSignal): Promise<HistoryOfWork> => {
    const load = works.loads();
    if (isDelivered && askedForLoad === load) return { history: history(), isKnown: true };
    try {
      // An answer from before the load may be of the history before it.
      const answer = await askHistory(signal, askedForLoad !== load);
      askedForLoad = load;
      return { history: answer, isKnown: true };
    } catch (error) {
      signal.throwIfAborted();
      if (!isDelivered || !isHubAway(error)) throw error;
      return { history: history(), isKnown: false };
    }
  };
}
