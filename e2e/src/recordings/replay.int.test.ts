import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareAnswers, type Difference, judge } from './compare.ts';
import { corpus } from './corpus/index.ts';
import type { Target } from './exchange.ts';
import { startOurServer } from './our-server.ts';
import { play } from './play.ts';
import { makeNamespaces } from './prepare.ts';
import { readDifferences, readRecording } from './recording.ts';

/** Our server answers the corpus as the real one did, but for the differences that are listed with their reasons. */

const stack = new AsyncDisposableStack();
const found: Difference[] = [];
let server: Target;

beforeAll(async () => {
  server = stack.use(await startOurServer());
});
afterAll(() => stack.disposeAsync());

test.each(Object.entries(corpus))('plays what was recorded: %s', async (group, scenarios) => {
  const recording = await readRecording(group);
  expect(Object.keys(recording), 'scenarios: run pnpm record').toEqual(scenarios.map(({ name }) => name));
  await makeNamespaces(server, scenarios);
  for (const scenario of scenarios) {
    const differences = compareAnswers(scenario.name, recording[scenario.name] ?? [], await play(server, scenario));
    found.push(...differences);
  }
});

test('answers as recorded, but for what differences.yaml lists', async () => {
  expect(judge(found, await readDifferences())).toEqual([]);
});
