import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-dir.ts';

const run = promisify(execFile);

/** Kubernetes that real members run; pinned in kube/go.mod. */
export const kubernetesVersion = 'v1.35.4';

const moduleDir = join(dirname(fileURLToPath(import.meta.url)), '../../kube');

/** What a whole member needs: control plane, storage, and the stand-in for kubelets. */
export interface KubeBinaries {
  readonly etcd: string;
  readonly apiserver: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly nodeStub: string;
}

const versionFlags = [
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=35',
].join(' ');

const commands: Readonly<Record<keyof KubeBinaries, { file: string; target: string }>> = {
  etcd: { file: 'etcd', target: 'go.etcd.io/etcd/server/v3' },
  apiserver: { file: 'kube-apiserver', target: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  controllerManager: { file: 'kube-controller-manager', target: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  scheduler: { file: 'kube-scheduler', target: 'k8s.io/kubernetes/cmd/kube-scheduler' },
  nodeStub: { file: 'node-stub', target: './node-stub' },
};

/** Real Kubernetes cannot be had on this machine; the message says what to install. */
export class KubeUnavailableError extends Error {
  override readonly name = 'KubeUnavailableError';
}

/**
 * Real Kubernetes binaries: from the cache, or built with Go (about 6 minutes on two cores the first time).
 * `KUBEBUILDER_ASSETS` supplies etcd and kube-apiserver when it is set; the rest is still built.
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function kubeBinaries(progress: (line: string) => void = () => {}): Promise<KubeBinaries> {
  const inputs = await Promise.all(
    ['go.mod', 'go.sum', 'node-stub/main.go'].map((file) => readFile(join(moduleDir, file), 'utf8')),
  );
  const folder = await cacheFolder(`kube-${kubernetesVersion}`, inputs);
  const assets = process.env.KUBEBUILDER_ASSETS;
  const found = {} as Record<keyof KubeBinaries, string>;
  for (const [name, { file, target }] of Object.entries(commands) as [
    keyof KubeBinaries,
    { file: string; target: string },
  ][]) {
    const candidates = [...(assets === undefined ? [] : [join(assets, file)]), join(folder, file)];
    found[name] = (await firstExisting(candidates)) ?? (await build(folder, file, target, progress));
  }
  return found;
}

async function firstExisting(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** Builds into a temporary name first, so that a killed build leaves nothing half-written in the cache. */
async function build(folder: string, file: string, target: string, progress: (line: string) => void): Promise<string> {
  await requireGo();
  progress(`building ${file} ${kubernetesVersion} (cached afterwards)`);
  const scratch = await mkdtemp(join(folder, 'build-'));
  try {
    await run('go', ['build', '-trimpath', '-ldflags', `-s -w ${versionFlags}`, '-o', join(scratch, file), target], {
      cwd: moduleDir,
      env: { ...process.env, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(scratch, file), join(folder, file));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return join(folder, file);
}

async function requireGo(): Promise<void> {
  try {
    await run('go', ['version']);
  } catch (cause) {
    throw new KubeUnavailableError(
      'real Kubernetes members need Go 1.25 or newer on the PATH (to build kube-apiserver, etcd, ' +
        'kube-controller-manager, kube-scheduler and node-stub), or their binaries in the cache',
      { cause },
    );
  }
}
