import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStatusPace, type News } from './pace.ts';

const sent = (pace: ReturnType<typeof createStatusPace>, news: News, now: number): boolean => {
  const may = pace.mayTell(news, now);
  if (may) pace.told(now);
  return may;
};

test('CI-27 details leave two for verdicts, and come one each 30 s when they have been many', () => {
  const pace = createStatusPace();
  expect(Array.from({ length: 9 }, () => sent(pace, 'Details', 0))).toEqual([...Array<boolean>(8).fill(true), false]);
  expect(['Verdict', 'Verdict', 'Verdict'].map((news) => sent(pace, news as News, 0))).toEqual([true, true, false]);
  expect([29_999, 30_000].map((now) => sent(pace, 'Verdict', now))).toEqual([false, true]);
  expect([119_999, 120_000, 120_001, 150_000].map((now) => sent(pace, 'Details', now))).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test('CI-27 what could not be written costs nothing', () => {
  const pace = createStatusPace();
  expect(Array.from({ length: 50 }, () => pace.mayTell('Details', 0))).toEqual(Array(50).fill(true));
});

test('CI-27 in no span of time are there more than ten, and one each 30 s', () => {
  const attempt = fc.record({
    afterMs: fc.integer({ min: 0, max: 60_000 }),
    news: fc.constantFrom<News>('Verdict', 'Details'),
  });
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
      const pace = createStatusPace();
      const times: number[] = [];
      let now = 0;
      for (const { afterMs, news } of attempts) {
        now += afterMs;
        if (sent(pace, news, now)) times.push(now);
      }
      for (const [from, start] of times.entries())
        for (const [to, end] of times.entries())
          if (to >= from) expect(to - from + 1).toBeLessThanOrEqual(10 + (end - start) / 30_000 + 1e-6);
    }),
  );
});
