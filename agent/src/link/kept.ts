import type { AgentState, StateStore } from './state-store.ts';

/** The agent's state, changed by one at a time: what is not kept must not be built upon. */
export interface Kept {
  readonly state: AgentState;
  change(update: (state: AgentState) => AgentState): Promise<void>;
}

export function createKept(store: StateStore, first: AgentState): Kept {
  let state = first;
  let last: Promise<void> = Promise.resolve();
  return {
    get state() {
      return state;
    },
    change(update) {
      const changing = last.then(async () => {
        const next = update(state);
        await store.save(next);
        state = next;
      });
      last = changing.catch(() => {});
      return changing;
    },
  };
}
