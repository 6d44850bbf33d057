import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { tempDir } from './harness/temp-dir.ts';
import { kubectlVersions } from './kube/tools.ts';
import { compareSaid, judge } from './kubectl/compare.ts';
import { playAll } from './kubectl/prepare.ts';
import { readDifferences, readRecorded, scenariosOf } from './kubectl/table.ts';

/** Whatever is typed, kubectl says of the hub what it says of a real kube-apiserver: output, errors and exit code. */

const stack = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;

beforeAll(async () => {
  dir = stack.use(await tempDir()).path;
  hub = stack.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
});
afterAll(() => stack.disposeAsync());

test.each(kubectlVersions)('KA-36, KA-118, KA-22 what kubectl says, as recorded: %s', async (version) => {
  const recorded = await readRecorded(version);
  const terminal = { kubeconfig: hub.kubeconfig, server: hub.url, version, dir };
  const all = scenariosOf(version, 'all').map(({ name }) => name);
  expect(Object.keys(recorded), 'scenarios: run pnpm record:kubectl').toEqual(all);
  const scenarios = scenariosOf(version, 'quick');
  const said = await playAll(terminal, scenarios);
  const names = new Set(scenarios.map(({ name }) => name));
  const known = (await readDifferences(version)).filter(({ at }) => names.has(at.split('#')[0] ?? ''));
  expect(judge(compareSaid(recorded, said), known)).toEqual([]);
});
