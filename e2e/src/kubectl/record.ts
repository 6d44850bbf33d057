/** `pnpm record:kubectl`: types the table at a real kube-apiserver and writes what kubectl says of it. */
import { join } from 'node:path';
import { tempDir } from '../harness/temp-dir.ts';
import { kubeBinaries, startEtcd, startKubeCluster } from '../kube/index.ts';
import { kubectlVersions } from '../kube/tools.ts';
import { playAll } from './prepare.ts';
import { readRecorded, scenariosOf, writeRecorded } from './table.ts';

const asked = process.argv.slice(2);
await using folder = await tempDir();
const dir = folder.path;
const binaries = await kubeBinaries((line) => console.error(line));
await using etcd = await startEtcd(binaries, join(dir, 'etcd'));
await using cluster = await startKubeCluster({ binaries, etcd, name: 'table', dir, parts: 'api' });
for (const version of kubectlVersions) {
  const chosen = scenariosOf(version).filter(({ name }) => asked.length === 0 || asked.includes(name));
  const terminal = { kubeconfig: cluster.kubeconfig, server: cluster.url, version, dir };
  const said = await playAll(terminal, chosen);
  const before = asked.length === 0 ? {} : await readRecorded(version);
  await writeRecorded(version, { ...before, ...said });
  console.log(`${version}: ${Object.values(said).flat().length} lines in ${chosen.length} scenarios`);
}
