/** What is known of the other end of a connection. `missed`: for how many ticks in a row nothing came. */
export type Liveness =
  | { readonly type: 'heard' }
  | { readonly type: 'silent'; readonly missed: number }
  | { readonly type: 'lost' };

/** `tick`: a period passed. `heard`: bytes came in. */
export type LivenessEvent = 'tick' | 'heard';

/** `ping`: ask for a sign of life. `cut`: end the connection. */
export interface LivenessStep {
  readonly next: Liveness;
  readonly action: 'none' | 'ping' | 'cut';
}

export const firstLiveness: Liveness = { type: 'heard' };
/** Periods in a row without a sign of life after which the other end counts as lost. */
const tolerated = 3;
/** A period. Lost after at most four: 28 s, half-open connections have to be noticed within 30 s. RG-52, F-13 */
export const livenessPeriodMs = 7_000;

/**
 * Pure and total. Separate periods, so that a process which stood still for long does not take the other end for lost: the
 * bytes that waited for it are heard before the next tick. F-30
 */
export function stepLiveness(state: Liveness, event: LivenessEvent): LivenessStep {
  switch (state.type) {
    case 'lost':
      return { next: state, action: 'none' };
    case 'heard':
      return event === 'heard'
        ? { next: state, action: 'none' }
        : { next: { type: 'silent', missed: 0 }, action: 'ping' };
    case 'silent': {
      if (event === 'heard') return { next: firstLiveness, action: 'none' };
      const missed = state.missed + 1;
      return missed >= tolerated
        ? { next: { type: 'lost' }, action: 'cut' }
        : { next: { type: 'silent', missed }, action: 'ping' };
    }
    default:
      return state satisfies never;
  }
}
