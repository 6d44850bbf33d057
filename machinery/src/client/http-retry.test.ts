import { expect, test } from 'vitest';
import { maxRetries, parseRetryAfter, retryPause } from './http-retry.ts';

test.each([
  { name: '429 to a write', code: 429, retryAfterSeconds: 1, isRead: false, retries: 0, want: 1000 },
  { name: '429 to a read', code: 429, retryAfterSeconds: 2, isRead: true, retries: 9, want: 2000 },
  { name: '429 at once', code: 429, retryAfterSeconds: 0, isRead: true, retries: 0, want: 0 },
  { name: '503 to a read', code: 503, retryAfterSeconds: 1, isRead: true, retries: 0, want: 1000 },
  { name: '503 to a write', code: 503, retryAfterSeconds: 1, isRead: false, retries: 0, want: undefined },
  {
    name: '429 without Retry-After',
    code: 429,
    retryAfterSeconds: undefined,
    isRead: true,
    retries: 0,
    want: undefined,
  },
  { name: '500', code: 500, retryAfterSeconds: 1, isRead: true, retries: 0, want: undefined },
  { name: 'too often', code: 429, retryAfterSeconds: 1, isRead: true, retries: maxRetries, want: undefined },
  { name: 'an hour', code: 429, retryAfterSeconds: 3600, isRead: true, retries: 0, want: 60_000 },
])('KA-139 repeat: $name', ({ want, retries, ...answer }) => {
  expect(retryPause(answer, retries)).toBe(want);
});

test.each([
  { header: undefined, want: undefined },
  { header: '5', want: 5 },
  { header: ['7', '8'], want: 7 },
  { header: '-1', want: undefined },
  { header: 'Wed, 21 Oct 2026 07:28:00 GMT', want: undefined },
])('KA-36 Retry-After $header is $want', ({ header, want }) => {
  expect(parseRetryAfter(header)).toBe(want);
});
