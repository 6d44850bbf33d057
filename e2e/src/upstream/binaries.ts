import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesVersion } from '../kube/binaries.ts';
import { cacheFolder } from '../kube/cache-dir.ts';
import { type GoProgram, goProgram, type Progress } from '../kube/go-build.ts';

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

/**
 * The upstream tests: from the cache, or built with Go (about 3 minutes on two cores the first time).
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function upstreamBinaries(progress: Progress = () => {}): Promise<UpstreamBinaries> {
  const inputs = await Promise.all(
    ['go.mod', 'go.sum', 'suite_test.go'].map((file) => readFile(join(upstreamDir, file), 'utf8')),
  );
  const folder = await cacheFolder(`upstream-${kubernetesVersion}`, [linkerFlags, ...inputs]);
  const what = `the end-to-end suite of Kubernetes ${kubernetesVersion}`;
  const program = (file: string, ...args: GoProgram['args']) =>
    goProgram({ folder, file, module: upstreamDir, args, what }, progress);
  return {
    suite: await program('upstream.test', 'test', '-c', '-ldflags', linkerFlags, '.'),
    ginkgo: await program('ginkgo', 'build', '-ldflags', linkerFlags, 'github.com/onsi/ginkgo/v2/ginkgo'),
  };
}
