/**
 * Kubernetes' times and durations as texts, and back. Times are UTC; `Time` has whole seconds, `MicroTime` exactly six
 * digits. KA-30, KA-51
 */

/** 0000-01-01 to 9999-12-31T23:59:59, the years RFC 3339 can say. */
const minSeconds = -62_167_219_200;
const maxSeconds = 253_402_300_799;

export interface Timestamp {
  /** Whole seconds since 1970. */
  seconds: number;
  /** 0 to 999,999,999, counting forward also before 1970. */
  nanos: number;
}

/** Undefined when RFC 3339 cannot say it. */
export function formatTimestamp({ seconds, nanos }: Timestamp, form: 'time' | 'microTime'): string | undefined {
  if (seconds < minSeconds || seconds > maxSeconds || nanos < 0 || nanos > 999_999_999) return undefined;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (form === 'time') return `${text}Z`;
  return `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** Undefined when the text is no RFC 3339 time. Digits beyond the form's are cut. */
export function parseTimestamp(text: string, form: 'time' | 'microTime'): Timestamp | undefined {
  const [, dateTime, fraction = '', zone] = rfc3339.exec(text) ?? [];
  if (dateTime === undefined) return undefined;
  const milliseconds = Date.parse(`${dateTime}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const nanos = form === 'time' ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000;
  return { seconds: milliseconds / 1000, nanos };
}

const unitNanos = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** As Go prints a duration: `1h30m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`;
}

/** Undefined when the text is no Go duration of 64 bits. Fractions of a nanosecond are cut. */
export function parseDuration(text: string): bigint | undefined {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  const rest = text.slice(sign.length);
  if (rest === '0') return 0n;
  if (rest.length > 200 || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const size = unitNanos.get(unit) ?? 0n;
    total += BigInt(whole || '0') * size;
    total += (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  const nanos = sign === '-' ? -total : total;
  return BigInt.asIntN(64, nanos) === nanos ? nanos : undefined;
}

function decimal(amount: bigint, unit: bigint): string {
  const fraction = String(amount % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${amount / unit}` : `${amount / unit}.${fraction}`;
}
