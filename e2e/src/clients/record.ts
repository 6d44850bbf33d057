/** `pnpm record:clients [PROGRAM...]`: runs the Go clients against a real kube-apiserver and writes what they saw. */
import { join } from 'node:path';
import type { JsonObject } from '@quarterdeck/machinery';
import { kubectl } from '../harness/kubectl.ts';
import { documents } from '../harness/objects.ts';
import { tempDir } from '../harness/temp-dir.ts';
import { widgets } from '../harness/widgets.ts';
import { kubeBinaries, startEtcd, startKubeCluster } from '../kube/index.ts';
import { programs, startProgram, titleOf } from './programs.ts';
import { readSeen, writeSeen } from './seen.ts';

const asked = process.argv.slice(2);
await using folder = await tempDir();
const dir = folder.path;
const binaries = await kubeBinaries((line) => console.error(line));
await using etcd = await startEtcd(binaries, join(dir, 'etcd'));
await using cluster = await startKubeCluster({ binaries, etcd, name: 'clients', dir, parts: 'api' });
const { kubeconfig } = cluster;
const admin = await kubectl({ kubeconfig, home: dir });
await admin.ok('create -f -', { input: documents(widgets) });
await admin.ok('wait --for=condition=Established crd/widgets.example.com --timeout=30s');
const seen: Record<string, JsonObject> = asked.length === 0 ? {} : { ...(await readSeen()) };
for (const program of programs) {
  const title = titleOf(program);
  if (asked.length > 0 && !asked.some((part) => title.includes(part))) continue;
  const began = performance.now();
  seen[title] = await (await startProgram(program, admin, kubeconfig)).result;
  console.log(`${title}: ${Math.round(performance.now() - began)} ms`);
}
await writeSeen(seen);
