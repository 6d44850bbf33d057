import type { FunctionDeclaration, Overload } from '../library.ts';
import { durationType, intType, stringType, timestampType } from '../types.ts';
import type { CelDuration, CelTimestamp } from '../values.ts';
import { fail, member } from './overloads.ts';

const milli = 1_000_000n;
const dayMs = 86_400_000;

/** A wall clock: a UTC date whose fields are those of the zone, and the milliseconds within the second. */
interface Clock {
  readonly date: Date;
  readonly milliseconds: number;
}

function clockOf(value: CelTimestamp, zone: string | undefined): Clock {
  const rest = ((value.nanos % milli) + milli) % milli;
  const ms = Number((value.nanos - rest) / milli);
  const east = zone === undefined ? 0 : eastOfUtc(zone, ms);
  return { date: new Date(ms + east), milliseconds: ((ms % 1_000) + 1_000) % 1_000 };
}

/** How far a zone is ahead of UTC at an instant, in ms. Throws for a zone that does not exist. */
function eastOfUtc(zone: string, atMs: number): number {
  const fixed = /^([+-]?\d+):(\d+)$/.exec(zone);
  if (fixed !== null) {
    const [hours, minutes] = [Number(fixed[1]), Number(fixed[2])];
    return (zone.startsWith('-') ? hours * 60 - minutes : hours * 60 + minutes) * 60_000;
  }
  if (zone === '' || zone === 'UTC') return 0;
  const parts = formatterOf(zone).formatToParts(atMs);
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const year = parts.some((part) => part.type === 'era' && part.value.startsWith('B'))
    ? 1 - field('year')
    : field('year');
  const local = new Date(0);
  local.setUTCFullYear(year, field('month') - 1, field('day'));
  local.setUTCHours(field('hour'), field('minute'), field('second'));
  return local.getTime() - (atMs - (((atMs % 1_000) + 1_000) % 1_000));
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return fail(`unknown time zone ${zone}`);
  }
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / dayMs);
}

function field(id: string, read: (clock: Clock) => number): readonly Overload[] {
  const get = (value: CelTimestamp, zone?: string) => BigInt(read(clockOf(value, zone)));
  return [
    member(`timestamp_to_${id}`, [timestampType], intType, get),
    member(`timestamp_to_${id}_with_tz`, [timestampType, stringType], intType, get),
  ];
}

function span(id: string, nanos: bigint): Overload {
  return member(`duration_to_${id}`, [durationType], intType, (value: CelDuration) => value.nanos / nanos);
}

/** What `getHours()` and its like read of a timestamp, in UTC or in a zone, and of a duration as a whole. */
export const timeFields: readonly FunctionDeclaration[] = [
  { name: 'getFullYear', overloads: field('year', ({ date }) => date.getUTCFullYear()) },
  { name: 'getMonth', overloads: field('month', ({ date }) => date.getUTCMonth()) },
  { name: 'getDayOfYear', overloads: field('day_of_year', ({ date }) => dayOfYear(date)) },
  { name: 'getDayOfMonth', overloads: field('day_of_month', ({ date }) => date.getUTCDate() - 1) },
  { name: 'getDate', overloads: field('day_of_month_1_based', ({ date }) => date.getUTCDate()) },
  { name: 'getDayOfWeek', overloads: field('day_of_week', ({ date }) => date.getUTCDay()) },
  {
    name: 'getHours',
    overloads: [...field('hours', ({ date }) => date.getUTCHours()), span('hours', 3_600_000_000_000n)],
  },
  {
    name: 'getMinutes',
    overloads: [...field('minutes', ({ date }) => date.getUTCMinutes()), span('minutes', 60_000_000_000n)],
  },
  {
    name: 'getSeconds',
    overloads: [...field('seconds', ({ date }) => date.getUTCSeconds()), span('seconds', 1_000_000_000n)],
  },
  {
    name: 'getMilliseconds',
    overloads: [...field('milliseconds', (clock) => clock.milliseconds), span('milliseconds', milli)],
  },
];
