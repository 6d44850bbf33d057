import { expect, test } from 'vitest';
import { microTime } from './lease-record.ts';

test('KA-51 times have six fractional digits', () => {
  expect(microTime(Date.UTC(2026, 0, 31, 12, 0, 0, 7))).toBe('2026-01-31T12:00:00.007000Z');
});
