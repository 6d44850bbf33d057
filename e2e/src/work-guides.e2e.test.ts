import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFleet } from './harness/fleet.ts';
import { followGuide, guideShell, type Shell } from './harness/guide.ts';

/** The guides about Work, done as a reader does them: a hub, and one real member called m1. */

const cleanup = new AsyncDisposableStack();
let shell: Shell;

beforeAll(async () => {
  const fleet = cleanup.use(await startFleet({ m1: {} }));
  const dir = join(fleet.dir, 'guides');
  await mkdir(dir);
  shell = await guideShell(dir, { KUBECONFIG: fleet.hub.kubeconfig, MEMBER: fleet.member('m1').cluster.kubeconfig });
});
afterAll(() => cleanup.disposeAsync());

test.each([
  { guide: 'deliver-with-work', title: 'WK-1, DL-1, DL-23 the guide to delivering with Work' },
  { guide: 'read-a-failed-work', title: 'WK-12, WK-38, DL-10 the guide to a failed Work' },
  { guide: 'drift', title: 'DL-20, DL-21, DL-11 the guide to drift' },
  { guide: 'adopt-what-runs', title: 'DL-2, DL-4 the guide to adopting what runs' },
  { guide: 'health-rules', title: 'DL-22, DL-23 the guide to health rules' },
])('$title does what it says', async ({ guide }) => {
  expect(await followGuide(guide, shell)).toBeGreaterThan(3);
});
