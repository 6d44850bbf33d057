import type { Work } from '@quarterdeck/apis';
import type { Informer } from '@quarterdeck/machinery';
import type { HubHistory } from './hub-history.ts';

export interface HistorySources {
  readonly works: Pick<Informer<Work>, 'loads'>;
  /** As it was last heard. */
  readonly history: () => HubHistory;
  /** Asked of the hub just now. @throws ApiError when the hub cannot say */
  readonly askHistory: (signal: AbortSignal) => Promise<HubHistory>;
}

/**
 * The history that the Works in sight are of. A hub that was restored has its agents load everything anew, so it is asked once
 * after each load, and whenever a Work was not delivered exactly so before. Else what was heard last holds: what was delivered is
 * kept right while the hub is away. RG-10, F-14
 */
export function historyOfWorks({ works, history, askHistory }: HistorySources) {
  let askedForLoad = 0;
  return async (isDelivered: boolean, signal: AbortSignal): Promise<HubHistory> => {
    const load = works.loads();
    if (isDelivered && askedForLoad === load) return history();
    const answer = await askHistory(signal);
    askedForLoad = load;
    return answer;
  };
}
