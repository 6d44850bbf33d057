import { chmod, copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../harness/run.ts';
import { cacheFolder } from '../kube/cache-dir.ts';
import { exists, goProgram, type Progress } from '../kube/go-build.ts';

const module = join(import.meta.dirname, '../../clients/argocd');
/** A script of Argo CD's image that its repository server starts by name for each checkout, whatever is asked of signatures. */
const script = 'hack/git-verify-wrapper.sh';
const argoCdModule = 'github.com/argoproj/argo-cd/v3';

/** Argo CD as it is published for Go. */
export interface ArgoCdProgram {
  /** `v3.5.7` */
  readonly version: string;
  /** One binary with its parts; the first argument names one. What these start by name lies beside it. */
  readonly path: string;
  /** The directory of its manifests: CRDs, rights, configuration. */
  readonly manifests: string;
}

/**
 * From the cache, or fetched and built with Go, which takes many minutes the first time.
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function argoCdProgram(progress: Progress): Promise<ArgoCdProgram> {
  const inputs = await Promise.all(['go.mod', 'go.sum', 'main.go'].map((file) => readFile(join(module, file), 'utf8')));
  const folder = await cacheFolder('argocd', inputs);
  const args = ['build', '-ldflags', '-s -w', '.'] as const;
  const path = await goProgram({ folder, file: 'argocd', module, args, what: 'Argo CD' }, progress);
  const fetched = await run('go', ['mod', 'download', '-json', argoCdModule], { cwd: module, timeoutMs: 600_000 });
  if (fetched.code !== 0) throw new Error(`${argoCdModule} could not be fetched: ${fetched.stderr}`);
  const { Version, Dir } = JSON.parse(fetched.stdout) as { readonly Version: string; readonly Dir: string };
  const beside = join(folder, basename(script));
  if (!(await exists(beside))) await copyFile(join(Dir, script), beside);
  await chmod(beside, 0o755);
  return { version: Version, path, manifests: join(Dir, 'manifests') };
}
