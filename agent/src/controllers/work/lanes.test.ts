import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inLanes, mapInLanes } from './lanes.ts';

test('DL-1 items are started in their order, never more at once than allowed, and results stand in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat()),
      fc.integer({ min: 1, max: 8 }),
      async (scheduler, items, atOnce) => {
        const started: number[] = [];
        let running = 0;
        let most = 0;
        const mapped = mapInLanes(items, atOnce, async (item) => {
          started.push(item);
          most = Math.max(most, ++running);
          await scheduler.schedule(Promise.resolve());
          running--;
          return item + 1;
        });
        const all = scheduler.waitFor(mapped);
        expect(await all).toEqual(items.map((item) => item + 1));
        expect([started, most]).toEqual([items, Math.min(atOnce, items.length)]);
      },
    ),
  );
});

test('DL-9 nothing is started after a refusal or a failure, and nothing is left running', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('good', 'bad', 'failed'), { minLength: 1 }),
      fc.integer({ min: 1, max: 4 }),
      async (scheduler, items, atOnce) => {
        let [running, startedAfter, isOver] = [0, 0, false];
        const work = async (item: string) => {
          if (isOver) startedAfter++;
          running++;
          await scheduler.schedule(Promise.resolve());
          running--;
          isOver ||= item !== 'good';
          if (item === 'failed') throw new Error('failed');
          return item === 'good';
        };
        const answer = await scheduler.waitFor(inLanes(items, atOnce, work).catch(() => 'failed'));
        expect([running, startedAfter]).toEqual([0, 0]);
        expect(answer === true).toBe(items.every((item) => item === 'good'));
      },
    ),
  );
});
