import { Command } from 'commander';
import { fail } from '../output.ts';

interface TokenFlags {
  readonly cluster: string;
  readonly clusterSet: string;
  readonly label: string[] | undefined;
  readonly ttl: string;
  readonly accept: boolean;
  readonly reusable: boolean;
  readonly kubeconfig: string;
}

/** `quarterdeck token create`: one command to paste at the member. */
export function tokenCommand(): Command {
  const command = new Command('token').description('Bootstrap tokens, with which clusters join.');
  command
    .command('create')
    .description('Make a token and print the command that joins a cluster with it.')
    .requiredOption('--cluster <name>', "name of the cluster, or a pattern such as 'edge-*'")
    .option('--cluster-set <name>', 'set that the cluster goes to', 'default')
    .option(
      '--label <key=value>',
      'label for the MemberCluster (repeat)',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .option('--ttl <minutes>', 'how long the token may be used, in minutes, at most 1440', '60')
    .option('--no-accept', 'a person accepts the cluster; without this the token does')
    .option('--reusable', 'several clusters may use it', false)
    .option('--kubeconfig <file>', "the hub's admin kubeconfig", '.quarterdeck/hub/kubeconfig')
    .addHelpText('after', `\nExample:\n  quarterdeck token create --cluster edge-1 --label tier=gold`)
    .action((flags: TokenFlags) => createToken(flags).catch(fail));
  return command;
}

async function createToken(flags: TokenFlags): Promise<void> {
  const { createHttpClient, loadKubeconfig } = await import('@quarterdeck/machinery');
  const { caKeyHash } = await import('@quarterdeck/agent');
  const { createJoinToken } = await import('../join-token.ts');
  const connection = await loadKubeconfig({ path: flags.kubeconfig });
  await using client = createHttpClient(connection);
  const token = await createJoinToken(client, {
    clusterPattern: flags.cluster,
    clusterSet: flags.clusterSet,
    labels: Object.fromEntries((flags.label ?? []).map(splitLabel)),
    acceptance: flags.accept ? 'Accepted' : 'Pending',
    reusable: flags.reusable,
    ttlMs: Number(flags.ttl) * 60_000,
  });
  const tls = typeof connection.tls === 'function' ? connection.tls() : connection.tls;
  const [ca] = tls?.ca === undefined ? [] : [tls.ca].flat();
  const hash = ca === undefined ? 'sha256:<hash of the hub CA>' : caKeyHash(ca);
  const name = flags.cluster.includes('*') ? '<name>' : flags.cluster;
  process.stdout.write(
    `quarterdeck agent join --hub ${connection.baseUrl} --cluster-name ${name} --token ${token} --ca-hash ${hash}\n`,
  );
}

function splitLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`--label ${text}: must be key=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
