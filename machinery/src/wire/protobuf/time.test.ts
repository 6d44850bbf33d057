import { describe, expect, test } from 'vitest';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time.ts';

describe('KA-51 times', () => {
  test.each([
    { seconds: 0, nanos: 0, time: '1970-01-01T00:00:00Z', microTime: '1970-01-01T00:00:00.000000Z' },
    { seconds: 1772600767, nanos: 890123456, time: '2026-03-04T05:06:07Z', microTime: '2026-03-04T05:06:07.890123Z' },
    { seconds: -1, nanos: 999999999, time: '1969-12-31T23:59:59Z', microTime: '1969-12-31T23:59:59.999999Z' },
    { seconds: -62135596800, nanos: 0, time: '0001-01-01T00:00:00Z', microTime: '0001-01-01T00:00:00.000000Z' },
    { seconds: 253402300799, nanos: 1000, time: '9999-12-31T23:59:59Z', microTime: '9999-12-31T23:59:59.000001Z' },
  ])('KA-51 $time', ({ seconds, nanos, time, microTime }) => {
    expect(formatTimestamp({ seconds, nanos }, 'time')).toBe(time);
    expect(formatTimestamp({ seconds, nanos }, 'microTime')).toBe(microTime);
    expect(parseTimestamp(time, 'time')).toEqual({ seconds, nanos: 0 });
    expect(parseTimestamp(microTime, 'microTime')).toEqual({ seconds, nanos: nanos - (nanos % 1000) });
  });

  test.each([
    { seconds: 253402300800, nanos: 0 },
    { seconds: -62167219201, nanos: 0 },
    { seconds: 0, nanos: -1 },
    { seconds: 0, nanos: 1_000_000_000 },
  ])('KA-51 RFC 3339 cannot say $seconds s and $nanos ns', (time) => {
    expect(formatTimestamp(time, 'microTime')).toBeUndefined();
  });

  test('KA-51 zones and fractions are understood', () => {
    expect(parseTimestamp('2026-03-04T07:06:07.5+02:00', 'microTime')).toEqual({
      seconds: 1772600767,
      nanos: 500_000_000,
    });
    expect(parseTimestamp('2026-03-04T05:06:07.123456789Z', 'microTime')).toEqual({
      seconds: 1772600767,
      nanos: 123_456_000,
    });
    expect(parseTimestamp('2026-03-04T05:06:07.9Z', 'time')).toEqual({ seconds: 1772600767, nanos: 0 });
  });

  test.each(['', 'now', '2026-03-04', '2026-03-04T05:06:07', '2026-13-04T05:06:07Z', '2026-03-04 05:06:07Z'])(
    'KA-51 %j is no time',
    (text) => {
      expect(parseTimestamp(text, 'time')).toBeUndefined();
    },
  );
});

describe('durations', () => {
  test.each<[string, bigint]>([
    ['0s', 0n],
    ['7ns', 7n],
    ['2µs', 2000n],
    ['2.5µs', 2500n],
    ['100ms', 100_000_000n],
    ['1.5s', 1_500_000_000n],
    ['1m0s', 60_000_000_000n],
    ['1h30m0s', 5_400_000_000_000n],
    ['-3m2.000000001s', -182_000_000_001n],
    ['2562047h47m16.854775807s', 2n ** 63n - 1n],
    ['-2562047h47m16.854775808s', -(2n ** 63n)],
  ])('KA-30 %s is %d ns in both directions', (text, nanos) => {
    expect(formatDuration(nanos)).toBe(text);
    expect(parseDuration(text)).toBe(nanos);
  });

  test.each<[string, bigint]>([
    ['0', 0n],
    ['+5s', 5_000_000_000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['1h1h', 7_200_000_000_000n],
    ['1us', 1000n],
    ['0.1ns', 0n],
  ])('KA-30 %s is read, too', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  test.each(['', '5', 's', '1d', '1s ', '1 s', '-', '.s', '1e3s', '2562048h'])('KA-30 %j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
