import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Client, type Logger, makeDirectory } from '@quarterdeck/machinery';

const run = promisify(execFile);

/** A member cluster of the demo, whatever it is made of. */
export interface DemoMember {
  readonly name: string;
  readonly client: Client & AsyncDisposable;
  /** To look into the member with kubectl. */
  readonly kubeconfig: string;
}

export interface DemoMembers extends AsyncDisposable {
  readonly members: readonly DemoMember[];
  /** Said to the user: what these clusters are. */
  readonly nature: string;
}

export interface MembersOptions {
  readonly names: readonly string[];
  readonly dir: string;
  readonly logger: Logger;
  readonly note: (text: string) => void;
}

export type MemberKind = 'sim' | 'kube' | 'kind';

export async function startMembers(kind: MemberKind, options: MembersOptions): Promise<DemoMembers> {
  makeDirectory(options.dir, 0o700);
  switch (kind) {
    case 'sim':
      return await startSimulated(options);
    case 'kube':
      return await startKube(options);
    case 'kind':
      return await startKind(options);
  }
}

async function startSimulated({ names, dir, logger }: MembersOptions): Promise<DemoMembers> {
  const { startSimulatedFleet } = await import('@quarterdeck/simulator');
  const { createHttpClient } = await import('@quarterdeck/machinery');
  const { writeSecretFile } = await import('../files.ts');
  const fleet = await startSimulatedFleet({ names, dataDir: dir, logger });
  const members = await Promise.all(
    names.map(async (name) => {
      const member = fleet.members.get(name);
      if (member === undefined) throw new Error(`simulated member ${name} is missing`);
      const kubeconfig = join(dir, `${name}.kubeconfig`);
      await writeSecretFile(kubeconfig, member.kubeconfig);
      return { name, kubeconfig, client: createHttpClient(member.client) };
    }),
  );
  return {
    members,
    nature: 'simulated in this process: no container runs, pods only pretend',
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map(({ client }) => client[Symbol.asyncDispose]()));
      await fleet[Symbol.asyncDispose]();
    },
  };
}

async function startKube({ names, dir, note }: MembersOptions): Promise<DemoMembers> {
  const { kubeBinaries, startEtcd, startKubeCluster } = await import('@quarterdeck/e2e/kube');
  await using cleanup = new AsyncDisposableStack();
  const binaries = await kubeBinaries(note);
  const etcd = cleanup.use(await startEtcd(binaries, join(dir, 'etcd')));
  const members: DemoMember[] = [];
  for (const name of names) {
    note(name);
    const cluster = cleanup.use(await startKubeCluster({ binaries, etcd, name, dir }));
    members.push(cleanup.use(disposableMember(await connect(name, cluster.kubeconfig))));
  }
  const owned = cleanup.move();
  return {
    members,
    nature: 'real kube-apiservers with stand-in nodes: no container runs',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Clusters of kind outlive the demo, as kind's users expect; they are found again by name. */
async function startKind({ names, dir, note }: MembersOptions): Promise<DemoMembers> {
  await run('kind', ['version']).catch((cause: unknown) => {
    throw new Error('--members kind needs the kind command and Docker', { cause });
  });
  const { stdout } = await run('kind', ['get', 'clusters']);
  const existing = new Set(stdout.split('\n'));
  const members: DemoMember[] = [];
  for (const name of names) {
    note(name);
    const cluster = `quarterdeck-demo-${name}`;
    const kubeconfig = join(dir, `${name}.kubeconfig`);
    const verb = existing.has(cluster) ? ['export', 'kubeconfig'] : ['create', 'cluster', '--wait', '120s'];
    await run('kind', [...verb, '--name', cluster, '--kubeconfig', kubeconfig]);
    members.push(await connect(name, kubeconfig));
  }
  return {
    members,
    nature: 'kind clusters, which stay: remove them with `kind delete cluster --name quarterdeck-demo-...`',
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map(({ client }) => client[Symbol.asyncDispose]()));
    },
  };
}

async function connect(name: string, kubeconfig: string): Promise<DemoMember> {
  const { createHttpClient, loadKubeconfig } = await import('@quarterdeck/machinery');
  return { name, kubeconfig, client: createHttpClient(await loadKubeconfig({ path: kubeconfig })) };
}

function disposableMember(member: DemoMember): DemoMember & AsyncDisposable {
  return { ...member, [Symbol.asyncDispose]: () => member.client[Symbol.asyncDispose]() };
}
