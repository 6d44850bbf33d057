import { testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createWarningLog } from './warning-log.ts';

test('F-29 each warning of the hub is logged once, and not without end', () => {
  const logger = testLogger();
  const warn = createWarningLog(logger);
  for (let round = 0; round < 3; round += 1) {
    for (let field = 0; field < 200; field += 1) warn(`unknown field "status.f${field}"`);
  }
  const told = logger.lines.map(({ warning }) => warning);
  expect(told).toEqual(Array.from({ length: 100 }, (_, field) => `unknown field "status.f${field}"`));
});
