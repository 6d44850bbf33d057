import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import type { Door } from '../offered-door.ts';
import { fail } from '../output.ts';

/** `quarterdeck kubeconfig NAME`: a kubeconfig for a member, through the hub. RG-51 */
export function kubeconfigCommand(): Command {
  return withHub(new Command('kubeconfig'))
    .description("Print a kubeconfig for a member cluster's API through the hub, as the user that you are on the hub.")
    .argument('<cluster>', 'name of the MemberCluster')
    .option('-o, --output <file>', 'write it to this file, readable by you alone, instead of standard output')
    .addHelpText(
      'after',
      `
What you may do there is the member's to say: it knows you as
quarterdeck:<your name on the hub>.

Example:
  quarterdeck kubeconfig edge-1 -o edge-1.kubeconfig
  kubectl --kubeconfig edge-1.kubeconfig get pods -w`,
    )
    .action((clusterName: string, flags: { kubeconfig: string; output?: string }) =>
      printKubeconfig(clusterName, flags).catch(fail),
    );
}

async function printKubeconfig(clusterName: string, flags: { kubeconfig: string; output?: string }): Promise<void> {
  const { ignoreNotFound, MemberCluster } = await import('@quarterdeck/apis');
  const hub = await openHub(flags.kubeconfig);
  await using client = hub.client;
  const member = await ignoreNotFound(client.get(MemberCluster, { name: clusterName }));
  if (member === undefined) {
    throw new Error(`there is no MemberCluster ${clusterName}: kubectl get memberclusters shows those there are`);
  }
  const door = await doorTo(client, hub.connection, member);
  if (door === undefined) throw new Error(noDoor(member));
  if (member.status?.agent?.tunnel !== true) {
    process.stderr.write(`Warning: ${clusterName} has no tunnel: start its agent with --tunnel\n`);
  }
  const text = await kubeconfigFor(clusterName, door, hub.connection);
  if (flags.output === undefined) {
    process.stdout.write(text);
    return;
  }
  // It holds what the hub knows its user by: a file of that name may be there already, and others may read it.
  const { writeSecretFile } = await import('../files.ts');
  await writeSecretFile(flags.output, text);
  process.stdout.write(`wrote ${flags.output}\n`);
}

/** A profile names the port of a Kubernetes hub where there is one, and where the agent holds a tunnel to it. RG-53 */
function noDoor({ metadata, status }: MemberCluster): string {
  const why =
    status?.agent?.tunnel === true
      ? 'its hub program has no port for them'
      : `on the port of its hub program, where it has one, ${metadata.name} is not offered, since its agent runs without --tunnel`;
  return `this hub is a Kubernetes cluster, which cannot serve the API of members, and ${why}: see docs/kubernetes-hub.md, or use the address of the member itself`;
}

/** The hub itself, or the port of the hub program beside a Kubernetes hub, which the member's profile names. RG-53 */
async function doorTo(
  client: HubClient,
  connection: Connection,
  member: Stored<MemberCluster>,
): Promise<Door | undefined> {
  const { proxyPath } = await import('@quarterdeck/machinery');
  if (await servesProxy(client)) {
    return { server: `${connection.baseUrl.replace(/\/$/, '')}${proxyPath(member.metadata.name)}` };
  }
  const { offeredDoor } = await import('../offered-door.ts');
  return await offeredDoor(client, member);
}

type HubClient = Awaited<ReturnType<typeof openHub>>['client'];

/** By discovery: CRDs have no such subresource. RG-53 */
async function servesProxy(client: HubClient): Promise<boolean> {
  const list = (await client.getRaw('/apis/quarterdeck.dev/v1alpha1')) as { resources?: { name: string }[] };
  return (list.resources ?? []).some(({ name }) => name === 'memberclusters/proxy');
}

type Connection = Awaited<ReturnType<typeof openHub>>['connection'];

async function kubeconfigFor(name: string, { server, caPem }: Door, connection: Connection): Promise<string> {
  const { buildKubeconfig } = await import('@quarterdeck/machinery');
  const { tls, token, proxy } = connection;
  if (connection.impersonate !== undefined) {
    throw new Error('your kubeconfig of the hub names another user to act as: that cannot be carried over');
  }
  const { ca, cert, key, serverName } = (typeof tls === 'function' ? tls() : tls) ?? {};
  const bearer = typeof token === 'function' ? await token() : token;
  const user =
    cert !== undefined && key !== undefined
      ? { certPem: cert, keyPem: key }
      : bearer !== undefined
        ? { token: bearer }
        : undefined;
  if (user === undefined) throw new Error('your kubeconfig of the hub holds neither a certificate nor a token');
  return buildKubeconfig({
    name,
    server,
    user,
    ...(caPem !== undefined ? { caPem } : ca === undefined ? {} : { caPem: [ca].flat().join('\n') }),
    ...(serverName === undefined || caPem !== undefined ? {} : { tlsServerName: serverName }),
    ...(proxy === undefined ? {} : { proxyUrl: proxy }),
  });
}
