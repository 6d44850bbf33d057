import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KubeUnavailableError, kubernetesVersion } from '../kube/binaries.ts';
import { cacheFolder } from '../kube/cache-dir.ts';

const run = promisify(execFile);

/** The Go module with the upstream tests and the lists of what must pass. */
export const upstreamDir = join(dirname(fileURLToPath(import.meta.url)), '../../upstream');

export interface UpstreamBinaries {
  /** All of Kubernetes' end-to-end tests as one program. */
  readonly suite: string;
  /** Starts it in several processes that share the work. */
  readonly ginkgo: string;
}

/** The tests look at the version of the client they are built with. */
const [major = '', minor = ''] = kubernetesVersion.replace(/^v/, '').split('.');
const linkerFlags = [
  '-s -w',
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  `-X k8s.io/component-base/version.gitMajor=${major}`,
  `-X k8s.io/component-base/version.gitMinor=${minor}`,
].join(' ');

const commands: Readonly<Record<keyof UpstreamBinaries, { file: string; build: readonly string[]; target: string }>> = {
  suite: { file: 'upstream.test', build: ['test', '-c'], target: '.' },
  ginkgo: { file: 'ginkgo', build: ['build'], target: 'github.com/onsi/ginkgo/v2/ginkgo' },
};

/**
 * The upstream tests: from the cache, or built with Go (about 3 minutes on two cores the first time).
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function upstreamBinaries(progress: (line: string) => void = () => {}): Promise<UpstreamBinaries> {
  const inputs = await Promise.all(
    ['go.mod', 'go.sum', 'suite_test.go'].map((file) => readFile(join(upstreamDir, file), 'utf8')),
  );
  const folder = await cacheFolder(`upstream-${kubernetesVersion}`, [linkerFlags, ...inputs]);
  const found = {} as Record<keyof UpstreamBinaries, string>;
  for (const name of ['suite', 'ginkgo'] as const) {
    const path = join(folder, commands[name].file);
    if (!(await exists(path))) await build(folder, name, progress);
    found[name] = path;
  }
  return found;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Builds into a temporary name first, so that a killed build leaves nothing half-written in the cache. */
async function build(folder: string, name: keyof UpstreamBinaries, progress: (line: string) => void): Promise<void> {
  await run('go', ['version']).catch((cause) => {
    const what = 'the upstream tests need Go 1.25 or newer on the PATH, or their binaries in the cache';
    throw new KubeUnavailableError(what, { cause });
  });
  const { file, build: command, target } = commands[name];
  progress(`building ${file} of Kubernetes ${kubernetesVersion} (cached afterwards)`);
  const scratch = await mkdtemp(join(folder, 'build-'));
  try {
    await run('go', [...command, '-trimpath', '-ldflags', linkerFlags, '-o', join(scratch, file), target], {
      cwd: upstreamDir,
      env: { ...process.env, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(scratch, file), join(folder, file));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
