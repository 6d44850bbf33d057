import { CelEvaluationError } from './errors.ts';
import { formatPlainDouble } from './go-number.ts';
import { CelDuration, CelTimestamp } from './values.ts';

const second = 1_000_000_000n;
const milli = 1_000_000n;
/** The seconds since 1970 of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z: time begins and ends there. */
export const firstSecond = -62_135_596_800n;
export const lastSecond = 253_402_300_799n;
const firstInstant = firstSecond * second;
const lastInstant = (lastSecond + 1n) * second - 1n;
const longest = 2n ** 63n;

/** Throws CelEvaluationError outside the years 1 to 9999. */
export function timestampOf(nanos: bigint, eastMinutes = 0): CelTimestamp {
  if (nanos < firstInstant || nanos > lastInstant) throw new CelEvaluationError('timestamp overflow');
  return new CelTimestamp(nanos, eastMinutes);
}

/** Throws CelEvaluationError where 64 bits of nanoseconds do not hold it: beyond 292 years. */
export function durationOf(nanos: bigint): CelDuration {
  if (nanos < -longest || nanos >= longest) throw new CelEvaluationError('integer overflow');
  return new CelDuration(nanos);
}

const instant = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Reads RFC 3339; undefined when the text is none, or names a day that does not exist. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const found = instant.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second_] = found.slice(1, 7).map(Number) as number[];
  const [offsetHours, offsetMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year as number, (month as number) - 1, day);
  date.setUTCHours(hour as number, minute, second_);
  const inRange =
    date.getUTCMonth() + 1 === month &&
    date.getUTCDate() === day &&
    (hour as number) < 24 &&
    (minute as number) < 60 &&
    (second_ as number) < 60 &&
    offsetHours < 24 &&
    offsetMinutes < 60;
  if (!inRange) return undefined;
  const east = (found[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  const nanos = BigInt((found[7] ?? '').slice(0, 9).padEnd(9, '0'));
  const total = BigInt(date.getTime() - east * 60_000) * milli + nanos;
  return total < firstInstant || total > lastInstant ? undefined : new CelTimestamp(total, east);
}

/** RFC 3339, in the zone it was written in, with as many digits of the second as are not zero. */
export function formatTimestamp({ nanos, eastMinutes }: CelTimestamp): string {
  const local = nanos + BigInt(eastMinutes) * 60n * second;
  const rest = ((local % second) + second) % second;
  const whole = new Date(Number((local - rest) / milli)).toISOString().replace(/\.\d+Z$/, '');
  const digits = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${digits}${formatZone(eastMinutes)}`;
}

function formatZone(eastMinutes: number): string {
  if (eastMinutes === 0) return 'Z';
  const size = Math.abs(eastMinutes);
  const [hours, minutes] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
  return `${eastMinutes < 0 ? '-' : '+'}${hours}:${minutes}`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: milli,
  s: second,
  m: 60n * second,
  h: 3_600n * second,
};
const durationText = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const durationPart = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;

/** Reads a duration as Go writes it (`1h30m`, `-1.5s`, `0`); undefined when the text is none or does not fit. */
export function parseDuration(text: string): CelDuration | undefined {
  if (/^[+-]?0$/.test(text)) return new CelDuration(0n);
  if (!durationText.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(durationPart)) {
    const size = units[unit] as bigint;
    total += BigInt(whole === '' ? 0 : whole) * size;
    // Digits beyond a nanosecond of the largest unit cannot count.
    const digits = fraction.slice(0, 18);
    if (digits !== '') total += (BigInt(digits) * size) / 10n ** BigInt(digits.length);
  }
  if (text.startsWith('-')) total = -total;
  return total < -longest || total >= longest ? undefined : new CelDuration(total);
}

/** In seconds, with a fraction where needed: `5400s`, `0.001s`. */
export function formatDuration(value: CelDuration): string {
  return `${formatPlainDouble(durationSeconds(value))}s`;
}

function durationSeconds(value: CelDuration): number {
  const whole = value.nanos / second;
  return Number(whole) + Number(value.nanos - whole * second) / 1e9;
}
