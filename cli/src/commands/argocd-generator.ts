import { readFile } from 'node:fs/promises';
import type { Client } from '@quarterdeck/machinery';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail, untilInterrupted } from '../output.ts';

interface GeneratorFlags {
  readonly namespace: string;
  readonly profilesIn: readonly string[];
  readonly tokenFile: string | undefined;
  readonly tokenSecret: string | undefined;
  readonly listen: string;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly plainHttp: boolean | undefined;
  readonly kubeconfig: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `quarterdeck argocd-generator`: decisions of a namespace as parameters for Argo CD's ApplicationSets. */
export function argoCdGeneratorCommand(): Command {
  const command = new Command('argocd-generator')
    .description(
      "Serve a namespace's decisions to Argo CD's ApplicationSets (plugin generator). It only reads the hub.",
    )
    .requiredOption('-n, --namespace <name>', 'namespace on the hub whose placements are served, and no other')
    .option('--profiles-in <namespace>', 'where the ClusterProfiles are, for labels and servers (repeat)', collect, [])
    .option('--token-file <file>', 'file with the token that Argo CD presents; read for each request')
    .option('--token-secret <name>', 'Secret of that namespace on the hub with the token under the key "token"')
    .option('--listen <host:port>', 'where to listen', '127.0.0.1:4355')
    .option('--tls-cert-file <file>', 'serving certificate, PEM')
    .option('--tls-key-file <file>', 'its key, PEM')
    .option('--plain-http', 'serve beyond this machine without TLS, as inside a cluster');
  return withHub(command)
    .addHelpText(
      'after',
      `\nExample:\n  quarterdeck argocd-generator -n team-a --token-file /var/run/argo/token \\
    --profiles-in clusterset-default`,
    )
    .action((flags: GeneratorFlags) => run(flags).catch(fail));
}

async function run(flags: GeneratorFlags): Promise<void> {
  const listen = listenOf(flags);
  const { createLogger } = await import('@quarterdeck/machinery');
  const { startArgoCdGenerator } = await import('@quarterdeck/hub');
  const { client } = await openHub(flags.kubeconfig);
  await using _client = client;
  const readToken = tokenReader(flags, client);
  await readToken();
  const { tlsCertFile, tlsKeyFile } = flags;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined))
    throw new Error('--tls-cert-file and --tls-key-file belong together');
  const tls =
    tlsCertFile === undefined || tlsKeyFile === undefined
      ? undefined
      : { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') };
  const { interrupted } = untilInterrupted();
  await using generator = await startArgoCdGenerator({
    client,
    namespace: flags.namespace,
    profileNamespaces: flags.profilesIn,
    readToken,
    listen,
    logger: createLogger(),
    ...(tls === undefined ? {} : { tls }),
  });
  process.stdout.write(`decisions of namespace ${flags.namespace} are served at ${generator.url}\n`);
  await interrupted;
}

/** @throws Error for text that is not in form, and for an open port without TLS that nobody asked for */
export function listenOf({
  listen,
  tlsCertFile,
  plainHttp,
}: Pick<GeneratorFlags, 'listen' | 'tlsCertFile' | 'plainHttp'>): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) throw new Error(`--listen ${listen}: must be host:port`);
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!isLocal && tlsCertFile === undefined && plainHttp !== true) {
    throw new Error(
      `--listen ${listen}: give --tls-cert-file and --tls-key-file, or --plain-http where the network is yours`,
    );
  }
  return { host, port };
}

/** Where the token comes from; empty is no token. */
function tokenReader(
  { tokenFile, tokenSecret, namespace }: Pick<GeneratorFlags, 'tokenFile' | 'tokenSecret' | 'namespace'>,
  client: Client,
): () => Promise<string> {
  if ((tokenFile === undefined) === (tokenSecret === undefined))
    throw new Error('one of --token-file and --token-secret is required');
  if (tokenFile !== undefined) return () => readFile(tokenFile, 'utf8');
  return async () => {
    const { Secret } = await import('@quarterdeck/apis');
    const { data } = await client.get(Secret, { namespace, name: tokenSecret ?? '' });
    const encoded = data?.token;
    if (encoded === undefined) throw new Error(`secret ${namespace}/${tokenSecret} has no key "token"`);
    return Buffer.from(encoded, 'base64').toString('utf8');
  };
}
