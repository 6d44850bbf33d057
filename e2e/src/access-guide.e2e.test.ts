import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endProcessOf, followGuide, guideShell } from './harness/guide.ts';
import { startHubProcess } from './harness/hub.ts';
import { startClusters } from './harness/members.ts';
import { buildPlugins } from './harness/plugins.ts';
import { tempDir } from './harness/temp-dir.ts';

test('RG-51, RG-54 the guide to reaching members from programs does what it says', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const clusters = cleanup.use(await startClusters(['edge-1'], dir));
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  await buildPlugins(join(dir, 'plugins'));
  const work = join(dir, 'guide');
  await mkdir(work);
  cleanup.defer(() => endProcessOf(join(work, 'agent.pid')));
  const shell = await guideShell(work, {
    KUBECONFIG: hub.kubeconfig,
    HUB: hub.url,
    MEMBER: clusters.get('edge-1').kubeconfig,
    PLUGINS: join(dir, 'plugins'),
  });
  expect(await followGuide('access', shell)).toBe(6);
}, 240_000);
