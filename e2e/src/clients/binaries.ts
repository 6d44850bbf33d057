import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KubeUnavailableError } from '../kube/binaries.ts';
import { cacheFolder } from '../kube/cache-dir.ts';

const run = promisify(execFile);
const modules = join(dirname(fileURLToPath(import.meta.url)), '../../clients');

/** Programs of ordinary Go clients, and with which libraries they are built. */
export const clientBuilds = {
  'kube-1.35': { module: 'kube', modfile: 'go.mod' },
  'kube-1.32': { module: 'kube', modfile: 'v1.32.mod' },
  gitops: { module: 'gitops', modfile: 'go.mod' },
} as const;
export type ClientBuild = keyof typeof clientBuilds;

/**
 * The path of a built program: from the cache, or built with Go (about a minute on two cores the first time).
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function clientBinary(build: ClientBuild): Promise<string> {
  const { module, modfile } = clientBuilds[build];
  const dir = join(modules, module);
  const files = (await readdir(dir)).sort();
  const inputs = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  const folder = await cacheFolder(`clients-${build}`, inputs);
  const path = join(folder, 'clients');
  if (await exists(path)) return path;
  await run('go', ['version']).catch((cause) => {
    throw new KubeUnavailableError('the Go clients need Go 1.25 or newer on the PATH, or their binaries in the cache', {
      cause,
    });
  });
  const scratch = await mkdtemp(join(folder, 'build-'));
  try {
    await run(
      'go',
      ['build', '-trimpath', '-ldflags', '-s -w', '-modfile', modfile, '-o', join(scratch, 'clients'), '.'],
      {
        cwd: dir,
        env: { ...process.env, CGO_ENABLED: '0' },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    await rename(join(scratch, 'clients'), path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return path;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
