import { backoffMs } from '../runtime/backoff.ts';
import { InvariantError } from '../runtime/reconcile.ts';
import { compareRevisions } from './revision.ts';

/*
 * How an informer stays connected, as a pure machine. The shell (informer.ts) performs commands and feeds inputs.
 *
 *            start                 loaded                    advanced
 *   idle ───────────▶ listing ────────────────▶ watching ◀──────────┐
 *     │                │   ▲                     │  │  └────────────┘
 *     │ start          │   │ elapsed             │  │ ended (productive): watch again
 *     │ (watchList)    │   │ (nothing to         │  │
 *     ▼     loaded     │   │  resume from)       │  │ failed: other, ended early
 *  streaming ──────────┼───┼──▶ watching         ▼  ▼
 *     │ failed         └───┴──────────────── waiting ──▶ watching (elapsed, resumes at its revision)
 *     └──────────────────▶ waiting               ▲
 *                                                 └── failed: expired, regressed (load anew)
 *   stop leads from everywhere to stopped, which nothing leaves.
 */

/** What all states remember. */
interface Memory {
  /** Whether to load by WatchList; turned off for good when the server refuses it. KA-90 */
  readonly watchList: boolean;
  /** In a row, since the last success. */
  readonly failures: number;
}

export type InformerState =
  | (Memory & { readonly name: 'idle' | 'listing' | 'streaming' | 'stopped' })
  | (Memory & { readonly name: 'watching'; readonly resourceVersion: string })
  /** `resourceVersion` absent: load anew after the pause. */
  | (Memory & { readonly name: 'waiting'; readonly resourceVersion: string | undefined });

export type InformerFailure =
  /** 410: the revision is no longer kept. KA-87 */
  | 'expired'
  /** The server cannot do WatchList. KA-90 */
  | 'unsupported'
  /** The revision we have lies ahead of the server's: it was restored from older data. RG-10 */
  | 'regressed'
  /** Broken connections, server errors, missing rights: worth trying again. */
  | 'other';

export type InformerInput =
  | { readonly type: 'start' }
  /** The whole state of the server is there, as of this revision. */
  | { readonly type: 'loaded'; readonly resourceVersion: string }
  /** An event (later than all before) or a bookmark (not earlier) came. */
  | { readonly type: 'advanced'; readonly resourceVersion: string; readonly isBookmark: boolean }
  /** The stream ended cleanly. Not productive: at once and empty, so that going on immediately would spin. */
  | { readonly type: 'ended'; readonly productive: boolean }
  | { readonly type: 'failed'; readonly failure: InformerFailure }
  /** The pause is over. */
  | { readonly type: 'elapsed' }
  | { readonly type: 'stop' };

export type InformerCommand =
  | { readonly type: 'list' }
  /** Watch with initial events. */
  | { readonly type: 'stream' }
  | { readonly type: 'watch'; readonly resourceVersion: string }
  | { readonly type: 'wait'; readonly ms: number };

export interface Transition {
  readonly state: InformerState;
  /** Absent: go on with what is under way (or, when stopped, do nothing more). */
  readonly command?: InformerCommand;
}

/** First pause at most half a second, later ones up to 30 s, each with a random half. */
const backoff = { baseMs: 500, maxMs: 30_000 };

export const initialState = (watchList: boolean): InformerState => ({ name: 'idle', watchList, failures: 0 });

type StateName = InformerState['name'];
type InputType = InformerInput['type'];
type Cell<S extends StateName, I extends InputType> = (
  state: InformerState & { readonly name: S },
  input: Extract<InformerInput, { type: I }>,
  random: number,
) => Transition;
type Table = { readonly [S in StateName]: { readonly [I in InputType]: Cell<S, I> } };

const stop = (state: InformerState): Transition => ({
  state: { name: 'stopped', watchList: state.watchList, failures: state.failures },
});
const stay = (state: InformerState): Transition => ({ state });
const impossible = (state: InformerState, input: InformerInput): never => {
  throw new InvariantError(`informer: ${input.type} while ${state.name}`);
};

const load = ({ watchList, failures }: Memory): Transition =>
  watchList
    ? { state: { name: 'streaming', watchList, failures }, command: { type: 'stream' } }
    : { state: { name: 'listing', watchList, failures }, command: { type: 'list' } };

const pause = (memory: Memory, random: number, resourceVersion: string | undefined): Transition => {
  const failures = memory.failures + 1;
  return {
    state: { name: 'waiting', watchList: memory.watchList, failures, resourceVersion },
    command: { type: 'wait', ms: backoffMs(backoff, failures, random) },
  };
};

const watching = (memory: Memory, resourceVersion: string, failures: number): InformerState => ({
  name: 'watching',
  watchList: memory.watchList,
  failures,
  resourceVersion,
});

/** Without WatchList when the server refused it; then at once, since nothing else was wrong. */
const loadFailed = (state: Memory, { failure }: { failure: InformerFailure }, random: number): Transition =>
  failure === 'unsupported' && state.watchList ? load({ ...state, watchList: false }) : pause(state, random, undefined);

const table: Table = {
  idle: {
    start: (state) => load(state),
    loaded: impossible,
    advanced: impossible,
    ended: impossible,
    failed: impossible,
    elapsed: impossible,
    stop,
  },
  listing: {
    start: impossible,
    loaded: (state, { resourceVersion }) => ({
      state: watching(state, resourceVersion, state.failures),
      command: { type: 'watch', resourceVersion },
    }),
    advanced: impossible,
    ended: impossible,
    failed: loadFailed,
    elapsed: impossible,
    stop,
  },
  streaming: {
    start: impossible,
    loaded: (state, { resourceVersion }) => ({ state: watching(state, resourceVersion, 0) }),
    // Revisions of single objects and early bookmarks say nothing before the state is complete.
    advanced: stay,
    ended: (state, _, random) => pause(state, random, undefined),
    failed: loadFailed,
    elapsed: impossible,
    stop,
  },
  watching: {
    start: impossible,
    loaded: impossible,
    advanced: (state, { resourceVersion, isBookmark }, random) => {
      const order = compareRevisions(resourceVersion, state.resourceVersion);
      const isInOrder = order === undefined || order > 0 || (order === 0 && isBookmark);
      return isInOrder ? { state: watching(state, resourceVersion, 0) } : pause(state, random, undefined);
    },
    ended: (state, { productive }, random) =>
      productive
        ? {
            state: watching(state, state.resourceVersion, 0),
            command: { type: 'watch', resourceVersion: state.resourceVersion },
          }
        : pause(state, random, state.resourceVersion),
    failed: (state, { failure }, random) => {
      switch (failure) {
        case 'expired':
        case 'regressed':
          return pause(state, random, undefined);
        case 'unsupported':
        case 'other':
          return pause(state, random, state.resourceVersion);
      }
    },
    elapsed: impossible,
    stop,
  },
  waiting: {
    start: impossible,
    loaded: impossible,
    advanced: impossible,
    ended: impossible,
    failed: impossible,
    elapsed: (state) =>
      state.resourceVersion === undefined
        ? load(state)
        : {
            state: watching(state, state.resourceVersion, state.failures),
            command: { type: 'watch', resourceVersion: state.resourceVersion },
          },
    stop,
  },
  stopped: { start: stay, loaded: stay, advanced: stay, ended: stay, failed: stay, elapsed: stay, stop: stay },
};

/**
 * The next state and what to do. Total: a combination that the shell must never produce throws InvariantError.
 * @param random in [0, 1): spreads pauses
 */
export function transition(state: InformerState, input: InformerInput, random: number): Transition {
  // The table is typed per cell; looking a cell up by two unions loses that, so the types are dropped here only.
  const cell = table[state.name][input.type] as (s: InformerState, i: InformerInput, r: number) => Transition;
  return cell(state, input, random);
}
