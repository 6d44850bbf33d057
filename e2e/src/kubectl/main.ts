/** `pnpm kubectl [VERSION ...]`: types all lines of the table at a hub, a new one for each version. */
import { join } from 'node:path';
import { startHubProcess } from '../harness/hub.ts';
import { tempDir } from '../harness/temp-dir.ts';
import { type KubectlVersion, kubectlVersions } from '../kube/tools.ts';
import { compareSaid, judge } from './compare.ts';
import { playAll } from './prepare.ts';
import { readDifferences, readRecorded, scenariosOf } from './table.ts';

const asked = process.argv.slice(2);
for (const version of kubectlVersions) {
  if (asked.length > 0 && !asked.includes(version)) continue;
  const lines = await differencesOf(version);
  process.stdout.write([...lines, `kubectl ${version}: ${lines.length} not as recorded`, ''].join('\n'));
  if (lines.length > 0) process.exitCode = 1;
}

async function differencesOf(version: KubectlVersion): Promise<string[]> {
  await using folder = await tempDir();
  await using hub = await startHubProcess({ dataDir: join(folder.path, 'hub') });
  const terminal = { kubeconfig: hub.kubeconfig, server: hub.url, version, dir: folder.path };
  const said = await playAll(terminal, scenariosOf(version, 'all'));
  return judge(compareSaid(await readRecorded(version), said), await readDifferences(version));
}
