import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-dir.ts';
import { exists, goProgram, type Progress } from './go-build.ts';

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

/**
 * Real Kubernetes binaries: from the cache, or built with Go (about 6 minutes on two cores the first time).
 * `KUBEBUILDER_ASSETS` supplies etcd and kube-apiserver when it is set; the rest is still built.
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function kubeBinaries(progress: Progress = () => {}): Promise<KubeBinaries> {
  const inputs = await Promise.all(
    ['go.mod', 'go.sum', 'node-stub/main.go'].map((file) => readFile(join(moduleDir, file), 'utf8')),
  );
  const folder = await cacheFolder(`kube-${kubernetesVersion}`, inputs);
  const assets = process.env.KUBEBUILDER_ASSETS;
  const found = {} as Record<keyof KubeBinaries, string>;
  for (const name of ['etcd', 'apiserver', 'controllerManager', 'scheduler', 'nodeStub'] as const) {
    const { file, target } = commands[name];
    const given = assets === undefined ? undefined : join(assets, file);
    const args = ['build', '-ldflags', `-s -w ${versionFlags}`, target] as const;
    found[name] =
      given !== undefined && (await exists(given))
        ? given
        : await goProgram({ folder, file, module: moduleDir, args, what: `${file} ${kubernetesVersion}` }, progress);
  }
  return found;
}
