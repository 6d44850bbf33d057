import { expect, test } from 'vitest';
import { scheduleProblem } from './cron-schedule.ts';

test.each(['* * * * *', '*/5 0-6,22 1 jan-MAR Sun', '@hourly', '@every 1h30m', '? 1 * * 0'])(
  'KA-3 %s is a schedule',
  (schedule) => expect(scheduleProblem(schedule)).toBeUndefined(),
);

test.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['x * * * *', 'failed to parse int from x'],
  ['* * * * sat-nope', 'failed to parse int from nope'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every now', 'failed to parse duration @every now'],
  ['CRON_TZ=UTC * * * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
])('KA-3 %s is no schedule: %s', (schedule, problem) => expect(scheduleProblem(schedule)).toBe(problem));
