import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubectl } from '../harness/kubectl.ts';
import { documents, type Manifest } from '../harness/objects.ts';
import { run } from '../harness/run.ts';
import { home } from './fleet.ts';
import type { ArgoCdProgram } from './program.ts';

/** Argo CD's CRDs, accounts, rights and settings, by its own manifests; of the rest of its installation nothing is needed. */
export async function installArgoCd(hub: Kubectl, { manifests }: ArgoCdProgram): Promise<void> {
  const long = { timeoutMs: 300_000 };
  await hub.ok(['apply', '--server-side', '-k', join(manifests, 'crds')], long);
  const crds = ['applications', 'applicationsets', 'appprojects'].map((name) => `crd/${name}.argoproj.io`);
  await hub.ok(['wait', '--for=condition=Established', ...crds, '--timeout=60s'], long);
  const files = [
    ...['sa', 'role', 'rolebinding'].flatMap((what) => [
      `application-controller-roles/argocd-application-controller-${what}`,
      `applicationset-controller/argocd-applicationset-controller-${what}`,
    ]),
    ...['cm', 'secret'].map((what) => `config/argocd-${what}`),
  ];
  const named = files.flatMap((file) => ['-f', join(manifests, `base/${file}.yaml`)]);
  await hub.ok(['apply', '-n', home, ...named], long);
  const notTheHub = JSON.stringify({ data: { 'cluster.inClusterEnabled': 'false' } });
  await hub.ok(['patch', 'configmap', 'argocd-cm', '-n', home, '--type=merge', '-p', notTheHub], long);
  const signature = JSON.stringify({ stringData: { 'server.secretkey': 'made by no API server' } });
  await hub.ok(['patch', 'secret', 'argocd-secret', '-n', home, '--type=merge', '-p', signature], long);
  await hub.ok('apply -f -', { input: documents(defaultProject), ...long });
}

/** Argo CD's API server, which is not run here, makes this one and the key above. */
const defaultProject: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'default', namespace: home },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ namespace: '*', server: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

/** A Git repository with an app in the directory `deploy`. */
export interface AppRepository {
  readonly url: string;
  /** Commits these objects, in the place of those before them. */
  commit(...app: readonly Manifest[]): Promise<void>;
}

/** An empty one, with the branch `main`. @param dir made when missing */
export async function appRepository(dir: string): Promise<AppRepository> {
  await mkdir(join(dir, 'deploy'), { recursive: true });
  const git = async (...args: readonly string[]) => {
    const { code, stderr } = await run('git', ['-c', 'user.name=shop', '-c', 'user.email=shop@example.com', ...args], {
      cwd: dir,
    });
    if (code !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  };
  await git('init', '--quiet', '--initial-branch=main');
  return {
    url: `file://${dir}`,
    async commit(...app) {
      await writeFile(join(dir, 'deploy/app.yaml'), documents(...app).replaceAll('\n', '\n---\n'));
      await git('add', '.');
      await git('commit', '--quiet', '-m', 'As it shall be');
    },
  };
}
