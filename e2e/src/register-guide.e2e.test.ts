import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endProcessOf, followGuide, guideShell } from './harness/guide.ts';
import { startHubProcess } from './harness/hub.ts';
import { startClusters } from './harness/members.ts';
import { tempDir } from './harness/temp-dir.ts';

test('RG-2, RG-3, RG-40 the guide to registering clusters does what it says', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const clusters = cleanup.use(await startClusters(['edge-1'], dir));
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const work = join(dir, 'guide');
  await mkdir(work);
  cleanup.defer(() => endProcessOf(join(work, 'agent.pid')));
  const shell = await guideShell(work, {
    KUBECONFIG: hub.kubeconfig,
    HUB: hub.url,
    MEMBER: clusters.get('edge-1').kubeconfig,
  });
  expect(await followGuide('register-clusters', shell)).toBe(10);
}, 240_000);
