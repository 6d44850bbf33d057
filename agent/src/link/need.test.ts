import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createNeed } from './need.ts';

test('RG-8 who needs a token says so and how it is made: when the reason is another one, and every ten minutes', async () => {
  const [clock, logger] = [fakeClock(), testLogger()];
  const need = createNeed({ clusterName: 'm1', clock, logger });
  const toldOver = async (minutes: number, why: Parameters<typeof need>[0]) => {
    const before = logger.messages('error').length;
    for (let n = 0; n < minutes * 6; n++) {
      need(why);
      await clock.advance(10_000);
    }
    return logger.messages('error').slice(before);
  };
  expect(await toldOver(9, 'expired')).toEqual([expect.stringMatching(/^the agent needs a bootstrap token/)]);
  expect(await toldOver(9, 'refused')).toEqual([expect.stringMatching(/^the hub takes this agent no more/)]);
  expect(await toldOver(21, 'refused')).toHaveLength(2);
});
