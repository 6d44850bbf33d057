import { describe, expect, test } from 'vitest';
import { InvariantError } from '../runtime/reconcile.ts';
import { type InformerInput, type InformerState, initialState, type Transition, transition } from './informer-state.ts';

const memory = { watchList: true, failures: 2 };
const states: { [S in InformerState['name']]: InformerState & { readonly name: S } } = {
  idle: { name: 'idle', ...memory },
  listing: { name: 'listing', ...memory },
  streaming: { name: 'streaming', ...memory },
  watching: { name: 'watching', ...memory, resourceVersion: '10' },
  waiting: { name: 'waiting', ...memory, resourceVersion: undefined },
  stopped: { name: 'stopped', ...memory },
};

/** Every input, some with more than one meaning. */
const inputs = {
  start: { type: 'start' },
  loaded: { type: 'loaded', resourceVersion: '20' },
  'a later event': { type: 'advanced', resourceVersion: '11', isBookmark: false },
  'the same event': { type: 'advanced', resourceVersion: '10', isBookmark: false },
  'an earlier event': { type: 'advanced', resourceVersion: '9', isBookmark: false },
  'the same bookmark': { type: 'advanced', resourceVersion: '10', isBookmark: true },
  'an earlier bookmark': { type: 'advanced', resourceVersion: '9', isBookmark: true },
  'ended productive': { type: 'ended', productive: true },
  'ended at once': { type: 'ended', productive: false },
  expired: { type: 'failed', failure: 'expired' },
  unsupported: { type: 'failed', failure: 'unsupported' },
  regressed: { type: 'failed', failure: 'regressed' },
  other: { type: 'failed', failure: 'other' },
  elapsed: { type: 'elapsed' },
  stop: { type: 'stop' },
} as const satisfies Record<string, InformerInput>;
type InputName = keyof typeof inputs;

/** With `random` 0 a third failure in a row waits for half of two seconds. */
const pause = (resourceVersion?: string): Transition => ({
  state: { name: 'waiting', watchList: true, failures: 3, resourceVersion },
  command: { type: 'wait', ms: 1000 },
});
const watching = (resourceVersion: string, failures: number): InformerState => ({
  name: 'watching',
  watchList: true,
  failures,
  resourceVersion,
});
const stopped: Transition = { state: states.stopped };
const impossible = 'impossible';

const expected: { [S in InformerState['name']]: { [I in InputName]: Transition | 'impossible' } } = {
  idle: {
    start: { state: states.streaming, command: { type: 'stream' } },
    loaded: impossible,
    'a later event': impossible,
    'the same event': impossible,
    'an earlier event': impossible,
    'the same bookmark': impossible,
    'an earlier bookmark': impossible,
    'ended productive': impossible,
    'ended at once': impossible,
    expired: impossible,
    unsupported: impossible,
    regressed: impossible,
    other: impossible,
    elapsed: impossible,
    stop: stopped,
  },
  listing: {
    start: impossible,
    loaded: { state: watching('20', 2), command: { type: 'watch', resourceVersion: '20' } },
    'a later event': impossible,
    'the same event': impossible,
    'an earlier event': impossible,
    'the same bookmark': impossible,
    'an earlier bookmark': impossible,
    'ended productive': impossible,
    'ended at once': impossible,
    expired: pause(),
    unsupported: { state: { ...states.listing, watchList: false }, command: { type: 'list' } },
    regressed: pause(),
    other: pause(),
    elapsed: impossible,
    stop: stopped,
  },
  streaming: {
    start: impossible,
    loaded: { state: watching('20', 0) },
    'a later event': { state: states.streaming },
    'the same event': { state: states.streaming },
    'an earlier event': { state: states.streaming },
    'the same bookmark': { state: states.streaming },
    'an earlier bookmark': { state: states.streaming },
    'ended productive': pause(),
    'ended at once': pause(),
    expired: pause(),
    unsupported: { state: { ...states.listing, watchList: false }, command: { type: 'list' } },
    regressed: pause(),
    other: pause(),
    elapsed: impossible,
    stop: stopped,
  },
  watching: {
    start: impossible,
    loaded: impossible,
    'a later event': { state: watching('11', 0) },
    'the same event': pause(),
    'an earlier event': pause(),
    'the same bookmark': { state: watching('10', 0) },
    'an earlier bookmark': pause(),
    'ended productive': { state: watching('10', 0), command: { type: 'watch', resourceVersion: '10' } },
    'ended at once': pause('10'),
    expired: pause(),
    unsupported: pause('10'),
    regressed: pause(),
    other: pause('10'),
    elapsed: impossible,
    stop: stopped,
  },
  waiting: {
    start: impossible,
    loaded: impossible,
    'a later event': impossible,
    'the same event': impossible,
    'an earlier event': impossible,
    'the same bookmark': impossible,
    'an earlier bookmark': impossible,
    'ended productive': impossible,
    'ended at once': impossible,
    expired: impossible,
    unsupported: impossible,
    regressed: impossible,
    other: impossible,
    elapsed: { state: states.streaming, command: { type: 'stream' } },
    stop: stopped,
  },
  stopped: {
    start: stopped,
    loaded: stopped,
    'a later event': stopped,
    'the same event': stopped,
    'an earlier event': stopped,
    'the same bookmark': stopped,
    'an earlier bookmark': stopped,
    'ended productive': stopped,
    'ended at once': stopped,
    expired: stopped,
    unsupported: stopped,
    regressed: stopped,
    other: stopped,
    elapsed: stopped,
    stop: stopped,
  },
};

describe.each(Object.keys(states) as InformerState['name'][])('%s', (name) => {
  test.each(Object.keys(inputs) as InputName[])('RG-10 on %s', (input) => {
    const want = expected[name][input];
    if (want === 'impossible') expect(() => transition(states[name], inputs[input], 0)).toThrow(InvariantError);
    else expect(transition(states[name], inputs[input], 0)).toEqual(want);
  });
});

test('without WatchList it lists first', () => {
  expect(transition(initialState(false), inputs.start, 0)).toEqual({
    state: { name: 'listing', watchList: false, failures: 0 },
    command: { type: 'list' },
  });
});

test('after a pause it goes on where it was', () => {
  expect(transition({ ...states.waiting, resourceVersion: '10' }, inputs.elapsed, 0)).toEqual({
    state: watching('10', 2),
    command: { type: 'watch', resourceVersion: '10' },
  });
});

test('a list that a server refuses for good is not repeated without pause', () => {
  const listing: InformerState = { name: 'listing', watchList: false, failures: 2 };
  expect(transition(listing, inputs.unsupported, 0)).toEqual({
    state: { name: 'waiting', watchList: false, failures: 3, resourceVersion: undefined },
    command: { type: 'wait', ms: 1000 },
  });
});

test('revisions of another form prove nothing', () => {
  const input: InformerInput = { type: 'advanced', resourceVersion: 'abc', isBookmark: false };
  expect(transition(states.watching, input, 0)).toEqual({ state: watching('abc', 0) });
});
