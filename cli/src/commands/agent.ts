import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { AgentConfig } from '@quarterdeck/agent';
import type { HttpClientOptions } from '@quarterdeck/machinery';
import { Command } from 'commander';
import { fail, untilInterrupted } from '../output.ts';
import { keepHeapSmall } from '../small-heap.ts';

/** `quarterdeck agent join|run`: the program beside each member cluster. */
export function agentCommand(): Command {
  const command = new Command('agent').description('The agent of one member cluster.');
  withOptions(command.command('join'))
    .description('Join this cluster to a hub: get a certificate, keep it in the state directory, and exit.')
    .addHelpText(
      'after',
      `
Example:
  # as 'quarterdeck token create' prints it
  quarterdeck agent join --hub https://hub.example.com:6443 \\
    --cluster-name edge-1 --token abcdef.0123456789abcdef --ca-hash sha256:...`,
    )
    .action((flags: Record<string, unknown>) => runAgent(flags, 'join').catch(fail));
  withOptions(command.command('run'))
    .description('Run the agent until it is stopped; joins first where that is still to be done.')
    .action((flags: Record<string, unknown>) => runAgent(flags, 'run').catch(fail));
  command
    .command('leave')
    .description(
      'Leave the fleet: what Works brought stays, unless the hub says otherwise. The agent must still be running.',
    )
    .requiredOption('--cluster-name <name>', 'name of this cluster in the fleet')
    .requiredOption('--hub <url>', 'the hub')
    .option('--state-dir <dir>', 'where the agent keeps its certificate', '.quarterdeck/agent')
    .option('--state-secret <namespace/name>', 'where it keeps it instead: this Secret of the cluster')
    .option('--kubeconfig <file>', 'the member cluster, with --state-secret (default: the cluster of the pod)')
    .option('--context <name>', 'context of that kubeconfig')
    .addHelpText(
      'after',
      `
Example:
  quarterdeck agent leave --hub https://hub.example.com:6443 \\
    --cluster-name edge-1`,
    )
    .action((flags: LeaveFlags) => leave(flags).catch(fail));
  return command;
}

interface LeaveFlags {
  readonly clusterName: string;
  readonly hub: string;
  readonly stateDir: string;
  readonly stateSecret?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

async function leave({ clusterName, hub, stateDir, stateSecret, kubeconfig, context }: LeaveFlags): Promise<void> {
  const { fileStateStore, leaveFleet, secretStateStore } = await import('@quarterdeck/agent');
  const { createHttpClient } = await import('@quarterdeck/machinery');
  const { signal } = untilInterrupted();
  const of = { kubeconfig, context };
  await using memberClient = stateSecret === undefined ? undefined : createHttpClient(await memberConnection(of));
  const store =
    stateSecret === undefined || memberClient === undefined
      ? fileStateStore(stateDir)
      : secretStateStore(memberClient, stateSecret);
  const onProgress = (message: string) => void process.stdout.write(`${message}\n`);
  const hasLeft = await leaveFleet({ clusterName, hubUrl: hub, ...(await proxyTo(hub)), store, onProgress }, signal);
  if (!hasLeft) process.stdout.write(`the hub knows no ${clusterName}: there is nothing to leave\n`);
  else process.stdout.write(`${clusterName} has left ${hub}; its agent can be stopped now\n`);
}

function withOptions(command: Command): Command {
  return command
    .option('--cluster-name <name>', 'name of this cluster in the fleet')
    .option('--hub <url>', 'the hub')
    .option('--ca-hash <hash>', "hash of the key of the hub's CA, sha256:...")
    .option('--ca-file <file>', "the hub's CA, PEM")
    .option('--ca-data <base64>', 'the same, in base64, as join commands give it for a hub that does not show its CA')
    .option('--token <token>', 'bootstrap token')
    .option('--token-file <file>', 'file that holds the bootstrap token; read whenever one is needed')
    .option('--state-dir <dir>', 'where the agent keeps its certificate (default .quarterdeck/agent)')
    .option('--state-secret <namespace/name>', 'keep it in this Secret of the cluster instead')
    .option('--kubeconfig <file>', 'the member cluster (default: the cluster of the pod, else $KUBECONFIG)')
    .option('--context <name>', 'context of that kubeconfig')
    .option(
      '--cache-dir <dir>',
      'where the agent keeps what the hub last said, for when it is away (default: the state directory, where there is one)',
    )
    .option(
      '--executor <namespace/name>',
      'service account of the member that Works are executed as (default quarterdeck-system/quarterdeck-executor where it exists), or none: the agent itself',
    )
    .option(
      '--eviction-grace <seconds>',
      'how long objects of a Work that is missing from the hub stay (default 3600), or never: they are never removed',
    )
    .option(
      '--tunnel',
      'let users of the hub reach the API of this cluster through the agent; needs the rights of deploy/member-tunnel.yaml (default: nobody)',
    )
    .option(
      '--tunnel-url <url>',
      'where tunnels are taken (default: the hub): the port of the program beside a Kubernetes hub, or each process of a hub that has several (repeat)',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .option('--tunnel-ca-file <file>', 'CA of those addresses (default: as the hub is known)')
    .option(
      '--api-url <url>',
      'where consumers of the inventory reach the API of this cluster by themselves, with tokens that the agent makes; with --tunnel',
    )
    .option('--api-ca-file <file>', 'CA of that address (default: the one by which the agent knows the cluster)')
    .option('--log-level <level>', 'silent, error, warn, info or debug');
}

async function runAgent(flags: Record<string, unknown>, mode: 'join' | 'run'): Promise<void> {
  keepHeapSmall();
  // Everybody on the machine may read the command lines of processes, for as long as they live. SEC-12
  if (flags.token !== undefined) process.title = 'quarterdeck agent';
  const { fileStateStore, fileWorkCache, joinOnce, loadAgentConfig, secretStateStore, startAgent } = await import(
    '@quarterdeck/agent'
  );
  const { createHttpClient, createLogger, createMetrics } = await import('@quarterdeck/machinery');
  const { values } = loadAgentConfig(flags, process.env);
  const trust = await trustOf(values);
  const connection = await memberConnection(values);
  const memberClient = createHttpClient(connection);
  const clientAs = (user: string) => createHttpClient({ ...connection, impersonate: { user } });
  const cacheDir = values.cacheDir ?? (values.stateSecret === undefined ? values.stateDir : undefined);
  const store =
    values.stateSecret === undefined
      ? fileStateStore(values.stateDir)
      : secretStateStore(memberClient, values.stateSecret);
  const known = await store.load();
  const trusted = trust ?? (known.hubCa === undefined ? undefined : { caPem: known.hubCa });
  if (trusted === undefined)
    throw new Error(
      '--ca-hash, --ca-file or --ca-data is required the first time: without it any server could pose as the hub',
    );
  const { interrupted, signal } = untilInterrupted();
  const options = {
    clusterName: values.clusterName,
    hubUrl: values.hub,
    ...(await proxyTo(values.hub)),
    trust: trusted,
    token: async () => values.token ?? (values.tokenFile === undefined ? undefined : await readToken(values.tokenFile)),
    memberClient,
    clientAs,
    ...(values.executor === undefined ? {} : { executor: values.executor }),
    evictionGraceMs: values.evictionGrace === 'never' ? ('never' as const) : Number(values.evictionGrace) * 1000,
    ...(cacheDir === undefined ? {} : { workCache: fileWorkCache(cacheDir) }),
    ...(values.tunnel ? { tunnel: await tunnelOptions(values, connection) } : {}),
    store,
    process: thisProcess(),
    logger: createLogger({ level: values.logLevel }),
    metrics: createMetrics(),
  };
  if (mode === 'join') {
    await joinOnce(options, signal);
    process.stdout.write(`${values.clusterName} has joined ${values.hub}; start it with: quarterdeck agent run\n`);
    await memberClient[Symbol.asyncDispose]();
    return;
  }
  await using agent = startAgent(options);
  let isConnected = false;
  agent.connected.then(() => (isConnected = true));
  await Promise.race([agent.ready, interrupted]);
  if (!signal.aborted && !isConnected) {
    process.stdout.write(
      `agent of ${values.clusterName} keeps its cluster as the hub last said: ${values.hub} is away, or does not let it in; its log says which\n`,
    );
    await Promise.race([agent.connected, interrupted]);
  }
  if (!signal.aborted) process.stdout.write(`agent of ${values.clusterName} is connected to ${values.hub}\n`);
  await interrupted;
}

/** How the hub is known, as it was told; undefined: it was not. */
async function trustOf({ caFile, caData, caHash }: AgentConfig) {
  if (caFile !== undefined) return { caPem: await readFile(caFile, 'utf8') };
  if (caData !== undefined) return { caPem: Buffer.from(caData, 'base64').toString('utf8') };
  return caHash === undefined ? undefined : { caHash };
}

/** By host, its space of process numbers, and process: within one such space it is known whether a process lives. RG-11 */
function thisProcess() {
  const host = `${hostname()}/${processSpace()}/`;
  return {
    identity: `${host}${process.pid}/${randomUUID()}`,
    isGone: (holder: string) => {
      const pid = holder.startsWith(host) ? Number(holder.slice(host.length).split('/')[0]) : Number.NaN;
      if (!Number.isSafeInteger(pid) || pid <= 0) return false;
      // Our own number was that of an earlier process.
      return pid === process.pid || !isAlive(pid);
    },
  };
}

/** Containers of one host count their processes separately. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return process.platform;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** The kubeconfig that is named; else the cluster that the agent runs in as a pod. */
async function memberConnection({
  kubeconfig,
  context,
}: { readonly [Name in 'kubeconfig' | 'context']?: AgentConfig[Name] | undefined }): Promise<HttpClientOptions> {
  const { loadInClusterConfig, loadKubeconfig } = await import('@quarterdeck/machinery');
  if (kubeconfig !== undefined) {
    return await loadKubeconfig({ path: kubeconfig, ...(context === undefined ? {} : { context }) });
  }
  const pod = await loadInClusterConfig({ env: process.env });
  if (pod === undefined) throw new Error('--kubeconfig is required: the member cluster, where this is no pod of it');
  return pod.connection;
}

/** What the environment says of the way to the hub; the member's own API is near, and never asked through a proxy. RG-55 */
async function proxyTo(hubUrl: string): Promise<{ readonly proxy?: string }> {
  const { proxyForUrl } = await import('@quarterdeck/machinery');
  const proxy = proxyForUrl(hubUrl, process.env);
  return proxy === undefined ? {} : { proxy };
}

async function tunnelOptions(values: AgentConfig, member: HttpClientOptions) {
  const { tunnelUrl, tunnelCaFile } = values;
  const ca = tunnelCaFile === undefined ? {} : { caPem: await readFile(tunnelCaFile, 'utf8') };
  const at = await Promise.all(tunnelUrl.map(async (url) => ({ url, ...ca, ...(await proxyTo(url)) })));
  const api = await memberApi(values, member);
  return { member, ...api, at };
}

/** Nothing where consumers do not reach the member by themselves. RG-51 */
async function memberApi({ apiUrl, apiCaFile }: AgentConfig, { tls }: HttpClientOptions) {
  if (apiUrl === undefined) return {};
  const known = (typeof tls === 'function' ? tls() : tls)?.ca;
  const ca = apiCaFile === undefined ? known : await readFile(apiCaFile, 'utf8');
  const pem = ca === undefined ? undefined : [ca].flat().join('\n');
  const server = apiUrl.replace(/\/$/, '');
  if (pem === undefined) return { api: { server } };
  return { api: { server, certificateAuthorityData: Buffer.from(pem, 'utf8').toString('base64') } };
}

async function readToken(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
