import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startHubProcess } from './harness/hub.ts';
import { tempDir } from './harness/temp-dir.ts';
import { groupsOf } from './upstream/groups.ts';
import { groupOf, readExpectations } from './upstream/names.ts';
import type { Outcomes } from './upstream/report.ts';
import { slowOutcomes } from './upstream/slow.ts';
import { runSuite } from './upstream/suite.ts';
import { told } from './upstream/verdict.ts';

/** Kubernetes' own end-to-end tests, unmodified: each is a test here, so that it counts and fails by its name. */

const expected = await readExpectations();
const groups = groupsOf(expected, 'quick');
const passing = Object.groupBy(expected.passing, groupOf);
const excepted = [...expected.exceptions].filter(([name]) => groups.quick.includes(name));

/** A few are enough; some tests wait for ever for what does not come. */
const timeoutMinutes = 10;

const cleanup = new AsyncDisposableStack();
let outcomes: Outcomes;

beforeAll(async () => {
  const dir = cleanup.use(await tempDir()).path;
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const suite = join(dir, 'suite');
  const quick = await runSuite(groups.quick, { kubeconfig: hub.kubeconfig, dir: suite, timeoutMinutes });
  const slow = await slowOutcomes(inject('slowUpstream'));
  outcomes = new Map([...quick, ...slow.map((outcome) => [outcome.name, outcome] as const)]);
}, 1_200_000);
afterAll(() => cleanup.disposeAsync());

describe.each(Object.entries(passing))('upstream %s', (_group, names = []) => {
  test.each(names)('KA-1 %s', (name) => {
    const outcome = outcomes.get(name);
    expect(outcome?.state, told(outcome)).toBe('passed');
  });
});

describe('exceptions, until they pass', () => {
  test.each(excepted)('KA-1 %s %s', (name) => {
    const outcome = outcomes.get(name);
    expect(outcome?.state, 'it belongs into passing.txt now').not.toBe('passed');
  });
});
