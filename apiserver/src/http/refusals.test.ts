import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createRefusals } from './refusals.ts';

test('F-32 a flood of refused connections is one line a minute, and each is counted', async () => {
  const clock = fakeClock();
  const logger = testLogger();
  let counted = 0;
  const refuse = createRefusals({ clock, logger, limit: 160, onRefused: () => (counted += 1) });
  const flood = () => {
    for (let each = 0; each < 500; each += 1) refuse();
  };
  flood();
  await clock.advance(59_999);
  flood();
  await clock.advance(1);
  flood();
  expect(logger.lines.map(({ level, refused, limit }) => ({ level, refused, limit }))).toEqual([
    { level: 'warn', refused: 1, limit: 160 },
    { level: 'warn', refused: 1000, limit: 160 },
  ]);
  expect(counted).toBe(1500);
});
