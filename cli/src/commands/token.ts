import type { HubTrust } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { Command } from 'commander';
import { formatDuration, parseDuration } from '../duration.ts';
import { openHub, withHub } from '../hub-client.ts';
import { fail, table } from '../output.ts';
import { version } from '../version.ts';

interface CreateFlags {
  readonly cluster?: string;
  readonly pattern?: string;
  readonly clusterSet: string;
  readonly label: string[] | undefined;
  readonly ttl: string;
  readonly accept: boolean;
  readonly reusable: boolean;
  readonly output?: string;
  readonly image: string;
  readonly tunnel: boolean;
  readonly httpsProxy?: string;
  readonly proxyExcept?: string;
  readonly kubeconfig: string;
}

/** `quarterdeck token create|list|revoke`: what clusters join with. RG-2 */
export function tokenCommand(): Command {
  const command = new Command('token').description('Bootstrap tokens, with which clusters join.');
  withHub(command.command('create'))
    .description('Make a token and print the command that joins a cluster with it.')
    .option('--cluster <name>', 'name of the cluster')
    .option('--pattern <pattern>', "names that the token is good for, such as 'edge-*'")
    .option('--cluster-set <name>', 'set that the cluster goes to', 'default')
    .option(
      '--label <key=value>',
      'label for the MemberCluster (repeat)',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .option('--ttl <duration>', 'how long the token may be used, for example 30m; at most 24h', '1h')
    .option('--no-accept', 'a person accepts the cluster; without this the token does')
    .option('--reusable', 'several clusters may use it', false)
    .option('-o, --output <format>', 'yaml: what to apply on the member to run the agent there')
    .option('--image <image>', 'container image of the agent, with -o yaml', `quarterdeck:${version}`)
    .option('--tunnel', 'let users of the hub reach the cluster through its agent, with -o yaml', false)
    .option('--https-proxy <url>', 'HTTPS_PROXY of the agent on its way to the hub, with -o yaml')
    .option('--proxy-except <names>', 'its NO_PROXY: names and addresses that it reaches without a proxy, with -o yaml')
    .addHelpText(
      'after',
      `
Examples:
  quarterdeck token create --cluster edge-1 --label tier=gold
  quarterdeck token create --pattern 'edge-*' --reusable --ttl 24h
  quarterdeck token create --cluster edge-1 -o yaml \\
    | kubectl --context edge-1 apply -f -`,
    )
    .action((flags: CreateFlags) => createToken(flags).catch(fail));
  withHub(command.command('list'))
    .description('Show the tokens that are still there. Their secrets are never shown again.')
    .action(({ kubeconfig }: { kubeconfig: string }) => listTokens(kubeconfig).catch(fail));
  withHub(command.command('revoke'))
    .description('Take a token back: nobody joins with it any more. Clusters that have joined stay.')
    .argument('<id>', 'the six characters before the dot')
    .action((id: string, { kubeconfig }: { kubeconfig: string }) => revokeToken(id, kubeconfig).catch(fail));
  return command;
}

/** Names of sets, which are DNS labels. */
const setName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Names of clusters, which are DNS labels, and patterns of them. */
const namePattern = /^[a-z0-9*]([-a-z0-9*]{0,61}[a-z0-9*])?$/;

async function createToken(flags: CreateFlags): Promise<void> {
  const { cluster, pattern, output } = flags;
  const names = cluster ?? pattern;
  if (names === undefined || (cluster !== undefined && pattern !== undefined)) {
    throw new Error('give --cluster NAME, or --pattern for several clusters, and not both');
  }
  if (!namePattern.test(names)) {
    throw new Error(
      `${cluster === undefined ? '--pattern' : '--cluster'} ${names}: no cluster can have such a name: lower-case letters, digits and dashes, at most 63, with * for any of them`,
    );
  }
  if (output !== undefined && output !== 'yaml') throw new Error(`--output ${output}: only yaml is known`);
  if (output === 'yaml' && (cluster === undefined || cluster.includes('*'))) {
    throw new Error('-o yaml is for one cluster: give its name by --cluster');
  }
  if (!setName.test(flags.clusterSet)) {
    throw new Error(
      `--cluster-set ${flags.clusterSet}: no ClusterSet can have such a name: lower-case letters, digits and dashes, at most 63`,
    );
  }
  const { createJoinToken } = await import('../join-token.ts');
  const labels = await readLabels(flags.label ?? []);
  const hub = await openHub(flags.kubeconfig);
  await using client = hub.client;
  const trust = await hubTrust(hub);
  if (await isMissing(client, flags.clusterSet)) {
    process.stderr.write(
      `Warning: there is no ClusterSet ${flags.clusterSet}: make it before the cluster joins, which is in no set until then\n`,
    );
  }
  const token = await createJoinToken(client, {
    clusterPattern: names,
    clusterSet: flags.clusterSet,
    labels,
    acceptance: flags.accept ? 'Accepted' : 'Pending',
    reusable: flags.reusable,
    ttlMs: parseDuration(flags.ttl),
  });
  const join = { hubUrl: hub.connection.baseUrl, token, trust };
  if (output === 'yaml' && cluster !== undefined) {
    const { image, tunnel, httpsProxy, proxyExcept } = flags;
    const proxies = {
      ...(httpsProxy === undefined ? {} : { httpsProxy }),
      ...(proxyExcept === undefined ? {} : { noProxy: proxyExcept }),
    };
    process.stdout.write(await agentYaml({ ...join, clusterName: cluster, image, tunnel, ...proxies }));
    return;
  }
  const name = names.includes('*') ? '<name>' : names;
  const { trustFlags } = await import('@quarterdeck/apis');
  process.stdout.write(
    `quarterdeck agent join --hub ${join.hubUrl} --cluster-name ${name} --token ${token} ${trustFlags(trust).join(' ')}\n`,
  );
}

/** How agents are to know the hub: by what this kubeconfig knows it by. */
async function hubTrust({ connection, proxy }: Awaited<ReturnType<typeof openHub>>): Promise<HubTrust> {
  const { baseUrl, tls } = connection;
  const { trustToTell } = await import('@quarterdeck/agent');
  const bundle = [(typeof tls === 'function' ? tls() : tls)?.ca ?? []].flat().join('\n');
  if (bundle === '') throw new Error('the kubeconfig has no CA: an agent could not tell the hub from an impostor');
  const address = { hubUrl: baseUrl, ...(proxy === undefined ? {} : { proxy }) };
  const trust = await trustToTell(address, bundle, AbortSignal.timeout(15_000));
  return 'caHash' in trust ? trust : { caData: Buffer.from(trust.caPem, 'utf8').toString('base64') };
}

/** Who may not read sets hears nothing of them. */
async function isMissing(client: Client, clusterSet: string): Promise<boolean> {
  const { ClusterSet, isNotFound } = await import('@quarterdeck/apis');
  try {
    await client.get(ClusterSet, { name: clusterSet });
    return false;
  } catch (error) {
    return isNotFound(error);
  }
}

async function agentYaml(
  options: Parameters<typeof import('@quarterdeck/apis')['agentManifests']>[0],
): Promise<string> {
  const { agentManifests } = await import('@quarterdeck/apis');
  const { encodeYaml } = await import('@quarterdeck/machinery');
  return agentManifests(options)
    .map((object) => `---\n${encodeYaml(object as unknown as Parameters<typeof encodeYaml>[0])}`)
    .join('');
}

async function listTokens(kubeconfig: string): Promise<void> {
  const { readJoinToken, tokenNamespace, tokenSelector } = await import('@quarterdeck/hub');
  const { Secret } = await import('@quarterdeck/apis');
  await using client = (await openHub(kubeconfig)).client;
  const { items } = await client.list(Secret, { namespace: tokenNamespace, fieldSelector: tokenSelector });
  const now = Date.now();
  const rows = items
    .map(readJoinToken)
    .filter((token) => token !== undefined)
    .sort((a, b) => a.expiresAt - b.expiresAt)
    .map(({ id, clusterPattern, clusterSet, acceptance, reusable, boundTo, expiresAt }) => [
      id,
      clusterPattern,
      clusterSet,
      acceptance === 'Accepted' ? 'by the token' : 'by a person',
      reusable ? 'any number' : (boundTo?.split('/')[0] ?? 'one, unused'),
      expiresAt > now ? `in ${formatDuration(expiresAt - now)}` : 'expired',
    ]);
  if (rows.length === 0) process.stdout.write('no tokens; make one by: quarterdeck token create --cluster NAME\n');
  else process.stdout.write(table([['ID', 'CLUSTER', 'SET', 'ACCEPTED', 'USED BY', 'EXPIRES'], ...rows]));
}

async function revokeToken(id: string, kubeconfig: string): Promise<void> {
  const { readJoinToken, tokenNamespace, tokenSecretName } = await import('@quarterdeck/hub');
  const { ignoreNotFound, Secret } = await import('@quarterdeck/apis');
  // Whoever pastes the whole token means its first part; the rest must not end up in a message.
  const [tokenId = ''] = id.split('.');
  const ref = { namespace: tokenNamespace, name: tokenSecretName(tokenId) };
  await using client = (await openHub(kubeconfig)).client;
  const secret = await ignoreNotFound(client.get(Secret, ref));
  if (secret === undefined || readJoinToken(secret) === undefined) {
    throw new Error(`there is no token ${tokenId}: quarterdeck token list shows those there are`);
  }
  await client.delete(Secret, ref, { preconditions: { uid: secret.metadata.uid } });
  process.stdout.write(`token ${tokenId} is revoked\n`);
}

/** A label that the hub would refuse is refused here: the token would let no cluster in. */
async function readLabels(texts: readonly string[]): Promise<Record<string, string>> {
  const { labelKeyProblem, labelValueProblem } = await import('@quarterdeck/machinery');
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new Error(`--label ${text}: must be key=value`);
      const [key, value] = [text.slice(0, at), text.slice(at + 1)];
      const [keyProblem, valueProblem] = [labelKeyProblem(key), labelValueProblem(value)];
      if (keyProblem !== undefined) throw new Error(`--label ${text}: the key ${keyProblem}`);
      if (valueProblem !== undefined) throw new Error(`--label ${text}: the value ${valueProblem}`);
      return [key, value];
    }),
  );
}
