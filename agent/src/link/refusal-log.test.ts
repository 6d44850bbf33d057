import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createRefusalLog } from './refusal-log.ts';

function setUp() {
  const clock = fakeClock();
  const logger = testLogger();
  const log = createRefusalLog(logger, clock);
  const warnings = () => logger.lines.filter(({ level }) => level === 'warn').map(({ kind }) => kind);
  const fail = (kind: string, code = 403) => log.logger.warn({ kind, code, reason: 'no' }, 'informer request failed');
  return { clock, log, fail, warnings };
}

test('RG-41 while the hub takes no heartbeat, nothing is said of each kind that it refuses', async () => {
  const { clock, log, fail, warnings } = setUp();
  log.heartbeatTaken();
  for (let second = 0; second < 300; second += 5) {
    await clock.advance(5_000);
    fail('Work');
    fail('HealthRule', 401);
  }
  expect(warnings()).toEqual([]);
});

test('RG-20 what is refused of one kind while heartbeats are taken is said, and then now and then', async () => {
  const { clock, log, fail, warnings } = setUp();
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      fail('Work');
      await clock.advance(60_000);
      log.heartbeatTaken();
    }
  };
  await minutes(10);
  expect(warnings()).toEqual(['Work']);
  await minutes(5);
  expect(warnings()).toEqual(['Work', 'Work']);
});

test('F-14 a failure that is no refusal is said each time', () => {
  const { fail, warnings } = setUp();
  fail('Work', 503);
  fail('Work', 503);
  expect(warnings()).toEqual(['Work', 'Work']);
});
