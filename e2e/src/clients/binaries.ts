import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../kube/cache-dir.ts';
import { goProgram, type Progress } from '../kube/go-build.ts';

const modules = join(dirname(fileURLToPath(import.meta.url)), '../../clients');

/** What every program shares; each module replaces its requirement by this folder. */
const sharedModule = 'program';

const pluginOf = (name: string) => `sigs.k8s.io/cluster-inventory-api/plugins/${name}/cmd/plugin`;

/** Programs of ordinary Go clients, and with which libraries they are built; `target`: a program of such a library. */
export const clientBuilds = {
  'kube-1.35': { module: 'kube', modfile: 'go.mod', target: '.' },
  'kube-1.32': { module: 'kube', modfile: 'v1.32.mod', target: '.' },
  gitops: { module: 'gitops', modfile: 'go.mod', target: '.' },
  inventory: { module: 'inventory', modfile: 'go.mod', target: '.' },
  'upstream-secretreader': { module: 'inventory', modfile: 'go.mod', target: pluginOf('secretreader') },
  'upstream-kubeconfig-secretreader': {
    module: 'inventory',
    modfile: 'go.mod',
    target: pluginOf('kubeconfig-secretreader'),
  },
} as const;
export type ClientBuild = keyof typeof clientBuilds;

/**
 * The path of a built program: from the cache, or built with Go (about a minute on two cores the first time).
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function clientBinary(build: ClientBuild, progress: Progress = () => {}): Promise<string> {
  const { module, modfile, target } = clientBuilds[build];
  const dir = join(modules, module);
  const inputs = await Promise.all([dir, join(modules, sharedModule)].map(textsIn));
  const folder = await cacheFolder(`clients-${build}`, inputs.flat());
  const args = ['build', '-ldflags', '-s -w', '-modfile', modfile, target] as const;
  return await goProgram({ folder, file: 'clients', module: dir, args, what: `the Go clients ${build}` }, progress);
}

async function textsIn(dir: string): Promise<string[]> {
  const files = (await readdir(dir)).sort();
  return await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
}
