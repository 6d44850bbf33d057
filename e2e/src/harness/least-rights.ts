import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createToken, startAgentProcess } from './agent.ts';
import { type HubProcess, startHubProcess } from './hub.ts';
import { type Kubectl, kubectl } from './kubectl.ts';
import { startClusters } from './members.ts';
import { repository } from './quarterdeck.ts';
import { tempDir } from './temp-dir.ts';

export interface LeastRightsOptions {
  /** Beside `member-rights.yaml`, of `deploy/`. */
  readonly manifests?: readonly string[];
  /** Of the member on the hub. */
  readonly labels?: Readonly<Record<string, string>>;
  /** More flags of the agent. */
  readonly args?: readonly string[];
}

/** A hub, and an agent with the published rights and no more on the real cluster `m1`. */
export interface LeastRights extends AsyncDisposable {
  readonly dir: string;
  readonly hub: HubProcess;
  readonly onHub: Kubectl;
  /** As the member's administrator. */
  readonly onMember: Kubectl;
}

export async function startLeastRights(options: LeastRightsOptions = {}): Promise<LeastRights> {
  const { manifests = [], labels = {}, args = [] } = options;
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const clusters = cleanup.use(await startClusters(['m1'], dir));
  const cluster = clusters.get('m1');
  const hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const onHub = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  const onMember = await kubectl({ kubeconfig: cluster.kubeconfig, home: dir });
  for (const file of ['member-rights.yaml', ...manifests]) {
    await onMember.ok(['apply', '-f', join(repository, 'deploy', file)]);
  }
  const saToken = await onMember.ok('create token quarterdeck-agent -n quarterdeck-system --duration=1h');
  const { token, trust } = await createToken({ kubeconfig: hub.kubeconfig, cluster: 'm1', labels });
  cleanup.use(
    await startAgentProcess({
      clusterName: 'm1',
      hubUrl: hub.url,
      trust,
      token,
      kubeconfig: await withToken(cluster.kubeconfig, saToken.trim(), join(dir, 'agent.kubeconfig')),
      stateDir: join(dir, 'agent'),
      args,
    }),
  );
  const owned = cleanup.move();
  return { dir, hub, onHub, onMember, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The kubeconfig with every user replaced by the token's. @returns `file` */
async function withToken(kubeconfig: string, token: string, file: string): Promise<string> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as { users: { user: unknown }[] };
  for (const user of config.users) user.user = { token };
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}
