/**
 * `pnpm record:kubectl [--version v35] [SCENARIO ...]`: types the table at a real kube-apiserver, a new one for each
 * version, and writes what kubectl says of it.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tempDir } from '../harness/temp-dir.ts';
import { kubeBinaries, startEtcd, startKubeCluster } from '../kube/index.ts';
import { type KubectlVersion, kubectlVersions } from '../kube/tools.ts';
import { playAll } from './prepare.ts';
import { readRecorded, scenariosOf, writeRecorded } from './table.ts';

const { values, positionals: asked } = parseArgs({ options: { version: { type: 'string' } }, allowPositionals: true });
const binaries = await kubeBinaries((line) => console.error(line));
for (const version of kubectlVersions) {
  if (values.version === undefined || values.version === version) await record(version);
}

async function record(version: KubectlVersion): Promise<void> {
  await using folder = await tempDir();
  const dir = folder.path;
  await using etcd = await startEtcd(binaries, join(dir, 'etcd'));
  await using cluster = await startKubeCluster({ binaries, etcd, name: 'table', dir, parts: 'api' });
  const chosen = scenariosOf(version, 'all').filter(({ name }) => asked.length === 0 || asked.includes(name));
  const terminal = { kubeconfig: cluster.kubeconfig, server: cluster.url, version, dir };
  const said = await playAll(terminal, chosen);
  const before = asked.length === 0 ? {} : await readRecorded(version);
  await writeRecorded(version, { ...before, ...said });
  console.log(`${version}: ${Object.values(said).flat().length} lines in ${chosen.length} scenarios`);
}
