import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { type Fleet, type Member, startFleet } from '../harness/fleet.ts';
import { guideFile } from '../harness/guide.ts';
import { documents, namespace } from '../harness/objects.ts';
import { buildPlugins, type PluginName } from '../harness/plugins.ts';
import { repository } from '../harness/quarterdeck.ts';

/** Where Argo CD is, and its objects. */
export const home = 'argocd';
/** Argo CD's own name of the account that reaches members. */
export const controllerAccount = 'argocd-application-controller';
const profiles = 'clusterset-default';

/** Two real members, and what their administrators and the hub's have set up for Argo CD. */
export interface ArgoCdFleet extends AsyncDisposable {
  readonly fleet: Fleet;
  /** A kubeconfig of a service account of Argo CD's namespace, which must be there. */
  kubeconfigOf(account: string): Promise<string>;
}

/** A fleet as docs/guides/access.md sets it up, up to what needs Argo CD itself. */
export async function startArgoCdFleet(): Promise<ArgoCdFleet> {
  await using cleanup = new AsyncDisposableStack();
  const fleet = cleanup.use(
    await startFleet({ m1: {}, m2: {} }, ({ name, url, caFile }) => [
      '--tunnel',
      ...(name === 'm2' ? ['--api-url', url, '--api-ca-file', caFile] : []),
    ]),
  );
  for (const member of fleet.members) await letArgoCdIn(member);
  const binding = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'ClusterSetBinding',
    metadata: { name: 'default' },
    spec: { clusterSet: 'default' },
  };
  const bound = ['default', home].map((where) => ({ ...binding, metadata: { name: 'default', namespace: where } }));
  await fleet.kubectl.ok('apply -f -', { input: documents(namespace(home), ...bound) });
  const rights = await guideFile('access', 'argocd-hub.yaml', { '[edge-1]': '[m1, m2, "m2:default:reader"]' });
  await fleet.kubectl.ok('apply -f -', { input: rights });
  const owned = cleanup.move();
  return {
    fleet,
    async kubeconfigOf(account) {
      const token = await fleet.kubectl.ok(`create token ${account} -n ${home} --duration=2h`);
      const path = join(fleet.dir, `${account}.kubeconfig`);
      const caPem = Buffer.from(await hubCa(fleet), 'base64').toString('utf8');
      await writeFile(path, buildKubeconfig({ server: fleet.hub.url, caPem, user: { token }, namespace: home }), {
        mode: 0o600,
      });
      return path;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const hubCa = ({ kubectl }: Fleet) =>
  kubectl.ok(['config', 'view', '--raw', '-o', 'jsonpath={.clusters[0].cluster.certificate-authority-data}']);

/** m1 by the tunnel alone, as behind NAT; m2 by a token of an account of its own as well. */
async function letArgoCdIn({ name, kubectl }: Member): Promise<void> {
  for (const file of ['member-rights', 'member-tunnel'])
    await kubectl.ok(['apply', '-f', join(repository, `deploy/${file}.yaml`)]);
  await kubectl.ok('apply -f -', { input: await guideFile('access', 'argocd-member.yaml', {}) });
  if (name !== 'm2') return;
  const own = await guideFile('access', 'member.yaml', { 'name: view': 'name: cluster-admin' });
  await kubectl.ok('apply -f -', { input: own });
}

/** The cluster Secrets: m1 as the guide has it, m2 by the other access type and by what Argo CD tells a plugin of a cluster. */
export async function addClusterSecrets({ fleet }: ArgoCdFleet, kubeconfig: string): Promise<void> {
  const plugin = await buildPlugins(join(fleet.dir, 'plugins'));
  const [tunnel, direct] = [
    await entryOf(fleet, 'm1', 'quarterdeck-tunnel'),
    await entryOf(fleet, 'm2', 'token-request'),
  ];
  const m1 = await guideFile('access', 'argocd-cluster.yaml', {
    'https://hub.example.com:6443/apis/quarterdeck.dev/v1alpha1/memberclusters/edge-1/proxy': tunnel.server,
    'edge-1': 'm1',
    '/plugins/quarterdeck-tunnel': plugin('quarterdeck-tunnel'),
    '/hub/kubeconfig': kubeconfig,
    '<certificate-authority-data>': tunnel['certificate-authority-data'],
  });
  const m2 = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'm2', namespace: home, labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
    stringData: {
      name: 'm2',
      server: direct.server,
      config: JSON.stringify({
        execProviderConfig: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: plugin('token-request'),
          args: ['--service-account', 'default/reader'],
          env: { KUBECONFIG: kubeconfig },
          provideClusterInfo: true,
          config: { clusterName: 'm2' },
        },
        tlsClientConfig: { caData: direct['certificate-authority-data'] },
      }),
    },
  };
  await fleet.kubectl.ok('apply -f -', { input: m1 });
  await fleet.kubectl.ok('apply -f -', { input: documents(m2) });
}

interface Entry {
  readonly server: string;
  readonly 'certificate-authority-data': string;
}

/** What the member's profile offers for an access type. */
async function entryOf({ kubectl }: Fleet, name: string, type: PluginName): Promise<Entry> {
  return await eventually(
    async () => {
      const { status } = await kubectl.json<{
        status?: { accessProviders?: readonly { name: string; cluster: Entry }[] };
      }>(`get clusterprofile ${name} -n ${profiles}`);
      return status?.accessProviders?.find((each) => each.name === type)?.cluster;
    },
    { timeoutMs: 60_000, message: `the profile of ${name} to offer ${type}` },
  );
}
