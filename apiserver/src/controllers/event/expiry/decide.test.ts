import type { Event } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { isExpired, lastWrite } from './decide.ts';

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const event = (more: Partial<Event> = {}, metadata: Event['metadata'] = {}): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  involvedObject: {},
  ...more,
});

test.each([
  { name: 'KA-141 counts from creation', seen: event(), want: at('00:00:00') },
  {
    name: 'KA-141 or from the last time it was counted',
    seen: event({ lastTimestamp: '2026-01-01T00:10:00Z' }),
    want: at('00:10:00'),
  },
  {
    name: 'KA-141 or from when it happened',
    seen: event({ eventTime: '2026-01-01T00:05:00.000000Z' }),
    want: at('00:05:00'),
  },
  {
    name: 'KA-141 or from the last of a series',
    seen: event({
      series: { count: 2, lastObservedTime: '2026-01-01T00:20:00.000000Z' },
      eventTime: '2026-01-01T00:05:00.000000Z',
    }),
    want: at('00:20:00'),
  },
  {
    name: 'KA-141 or from whoever wrote last',
    seen: event({ lastTimestamp: null }, { managedFields: [{ manager: 'x', time: '2026-01-01T00:30:00Z' }] }),
    want: at('00:30:00'),
  },
])('$name', ({ seen, want }) => {
  expect(lastWrite(seen, want)).toBe(want);
  expect(isExpired(seen, want + 3_600_000 - 1, 3_600_000)).toBe(false);
  expect(isExpired(seen, want + 3_600_000, 3_600_000)).toBe(true);
});

test('KA-141 a time that is yet to come keeps no event, but for what clocks differ by', () => {
  const now = at('01:00:00');
  const ahead = (time: string) => event({ lastTimestamp: time, eventTime: time, series: { lastObservedTime: time } });
  expect(isExpired(ahead('2099-01-01T00:00:00Z'), now, 3_600_000)).toBe(true);
  expect(isExpired(ahead('2026-01-01T01:00:30Z'), now, 3_600_000)).toBe(false);
});

test('KA-141 an event without any time stays', () => {
  expect(isExpired({ ...event(), metadata: { name: 'e' } }, at('23:00:00'), 1)).toBe(false);
});
