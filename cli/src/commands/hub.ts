import { join } from 'node:path';
import { Command } from 'commander';
import { writeSecretFile } from '../files.ts';
import { fail, untilInterrupted } from '../output.ts';
import { refuseForeignKubeconfig } from '../own-kubeconfig.ts';
import { keepSlabsSmall } from '../small-heap.ts';
import { confirmRestoreCommand } from './confirm-restore.ts';
import { earlierKeysOption, keysOption } from './encryption-options.ts';
import { rotateCaCommand } from './rotate-ca.ts';

/** `quarterdeck hub`: the control plane; with `backup` and `restore` of its embedded database. */
export function hubCommand(): Command {
  const command = new Command('hub')
    .enablePositionalOptions()
    .description('Run the hub: the Kubernetes API of the fleet and its controllers.')
    .option('--listen <host:port>', 'address to serve on (default 127.0.0.1:6443)')
    .option('--public-url <url>', 'what others call this hub: in kubeconfigs, tokens and join commands')
    .option('--tls-san <name>', 'more names or addresses of the serving certificate (repeat)', collect)
    .option('--tls-cert-file <file>', 'own serving certificate, reloaded when it changes')
    .option('--tls-key-file <file>', 'its key')
    .option(
      '--tls-ca-file <file>',
      'the CA of that certificate, for kubeconfigs and profiles (default: the root of its chain; with --kubeconfig: the certificate itself)',
    )
    .option('--data-dir <dir>', 'where the hub keeps its data (default .quarterdeck/hub)')
    .option('--database <url>', 'PostgreSQL to use instead of the embedded one')
    .option(
      '--encryption-keys <file>',
      'keys that encrypt Secrets, CA and signing keys in the database (default, with the embedded one: encryption-keys.yaml in the data directory, made at the first start)',
    )
    .addOption(earlierKeysOption())
    .option('--token-auth-file <file>', 'users with static tokens: lines of token,user,uid,"groups", read at the start')
    .option(
      '--requestheader-client-ca-file <file>',
      'the CAs that vouch for front proxies, which say who asks by headers',
    )
    .option(
      '--requestheader-allowed-names <name>',
      'common name of a front proxy (repeat; default any of these CAs)',
      names,
    )
    .option('--requestheader-username-headers <header>', 'header that names the user, as X-Remote-User (repeat)', names)
    .option('--requestheader-uid-headers <header>', 'header with the UID of the user, as X-Remote-Uid (repeat)', names)
    .option(
      '--requestheader-group-headers <header>',
      'header with a group of the user, as X-Remote-Group (repeat)',
      names,
    )
    .option(
      '--requestheader-extra-headers-prefix <prefix>',
      'what the headers with more about the user begin with, as X-Remote-Extra- (repeat)',
      names,
    )
    .option('--kubeconfig <file>', 'run against this Kubernetes cluster as the hub, instead of serving an API')
    .option('--context <name>', 'context of that kubeconfig')
    .option(
      '--agent-identity <make>',
      'what agents prove who they are by: certificate, or token, for a Kubernetes hub that signs no client certificates (default certificate)',
    )
    .option('--log-level <level>', 'silent, error, warn, info or debug')
    .option('--leader-identity <name>', 'name of this process among several (default random)')
    .option('--print-config', 'print the effective configuration and exit')
    .addHelpText(
      'after',
      `
Every option may come from the environment too: QUARTERDECK_LISTEN,
QUARTERDECK_DATA_DIR, ...

Examples:
  # with the embedded PostgreSQL, at https://127.0.0.1:6443
  quarterdeck hub
  # for others to reach
  quarterdeck hub --listen 0.0.0.0:6443 \\
    --public-url https://hub.example.com:6443
  # on your PostgreSQL
  quarterdeck hub --database postgres://hub:secret@db/hub
  # an existing Kubernetes cluster as the hub
  quarterdeck hub --kubeconfig ~/.kube/config
  # ... and tunnels to its members
  quarterdeck hub --kubeconfig ~/.kube/config --listen 0.0.0.0:8443 \\
    --public-url https://fleet.example.com:8443 \\
    --tls-cert-file tls.crt --tls-key-file tls.key`,
    )
    .action((flags: Record<string, unknown>) => runHub(flags).catch(fail));
  command.addCommand(confirmRestoreCommand());
  command
    .command('backup')
    .description('Write everything that the embedded database holds into one file, also while the hub runs.')
    .argument('<file>', 'the backup to write; a file that is there already is replaced')
    .option('--data-dir <dir>', 'data of the hub', '.quarterdeck/hub')
    .action((file: string, { dataDir }: { dataDir: string }) => backup(dataDir, file).catch(fail));
  command
    .command('restore')
    .description('Fill the empty embedded database of a new hub from a backup.')
    .argument('<file>', 'the backup to read')
    .option('--data-dir <dir>', 'data of the hub', '.quarterdeck/hub')
    .addOption(keysOption())
    .action((file: string, flags: RestoreFlags) => restore(file, flags).catch(fail));
  command.addCommand(rotateCaCommand());
  return command;
}

interface RestoreFlags {
  readonly dataDir: string;
  readonly encryptionKeys?: string;
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** As kube-apiserver takes them: repeated, or with commas. */
const names = (value: string, before: string[] | undefined): string[] => [...(before ?? []), ...value.split(',')];

type HubValues = Awaited<ReturnType<typeof import('@quarterdeck/hub')['loadHubConfig']>>['values'];

/** Who may say who asks, beside the hub itself. */
function callersOf(values: HubValues) {
  const { tokenAuthFile, requestheaderClientCaFile } = values;
  const frontProxy =
    requestheaderClientCaFile === undefined
      ? undefined
      : {
          clientCaFile: requestheaderClientCaFile,
          allowedNames: values.requestheaderAllowedNames,
          usernameHeaders: values.requestheaderUsernameHeaders,
          uidHeaders: values.requestheaderUidHeaders,
          groupHeaders: values.requestheaderGroupHeaders,
          extraHeaderPrefixes: values.requestheaderExtraHeadersPrefix,
        };
  return {
    ...(tokenAuthFile === undefined ? {} : { tokenAuthFile }),
    ...(frontProxy === undefined ? {} : { frontProxy }),
  };
}

async function runHub(flags: Record<string, unknown>): Promise<void> {
  keepSlabsSmall();
  const { loadHubConfig, startExternalHub, startHub } = await import('@quarterdeck/hub');
  const { createLogger, loadKubeconfig } = await import('@quarterdeck/machinery');
  const { printConfig, ...rest } = flags;
  const config = loadHubConfig(rest, process.env);
  if (printConfig === true) {
    process.stdout.write(config.print());
    return;
  }
  const { values } = config;
  const logger = createLogger({ level: values.logLevel });
  const { interrupted, signal } = untilInterrupted();
  const identity = values.leaderIdentity === undefined ? {} : { identity: values.leaderIdentity };
  if (values.kubeconfig !== undefined) {
    const context = values.context === undefined ? {} : { context: values.context };
    const connection = await loadKubeconfig({ path: values.kubeconfig, ...context });
    const { listen, publicUrl, tlsCertFile, tlsKeyFile, tlsCaFile } = values;
    const doors =
      publicUrl === undefined || tlsCertFile === undefined || tlsKeyFile === undefined
        ? undefined
        : {
            ...{ listen, publicUrl, certificateFile: tlsCertFile, keyFile: tlsKeyFile },
            ...(tlsCaFile === undefined ? {} : { caFile: tlsCaFile }),
          };
    await using _hub = await startExternalHub({
      connection,
      logger,
      ...identity,
      agentIdentity: values.agentIdentity,
      ...(doors === undefined ? {} : { doors }),
    });
    process.stdout.write(`hub controllers run against ${connection.baseUrl}\n`);
    if (publicUrl !== undefined) process.stdout.write(`tunnels and the API of members: ${publicUrl}\n`);
    await interrupted;
    return;
  }
  const kubeconfig = join(values.dataDir, 'kubeconfig');
  await refuseForeignKubeconfig(kubeconfig);
  const keyFile = values.encryptionKeys ?? values.encryptionKeyFile;
  await using hub = await startHub({
    database:
      values.database === undefined
        ? { type: 'embedded', dir: values.dataDir }
        : { type: 'postgres', url: values.database },
    listen: values.listen,
    tlsSans: values.tlsSan,
    ...(values.publicUrl === undefined ? {} : { publicUrl: values.publicUrl }),
    ...(values.tlsCertFile === undefined || values.tlsKeyFile === undefined
      ? {}
      : {
          certificateFiles: {
            certificateFile: values.tlsCertFile,
            keyFile: values.tlsKeyFile,
            ...(values.tlsCaFile === undefined ? {} : { caFile: values.tlsCaFile }),
          },
        }),
    ...(keyFile === undefined ? {} : { encryptionKeyFile: keyFile }),
    ...callersOf(values),
    logger,
    ...identity,
    agentIdentity: values.agentIdentity,
    signal,
  });
  const writeKubeconfig = async () => writeSecretFile(kubeconfig, await hub.adminKubeconfig());
  await writeKubeconfig();
  using _following = hub.onCaChange(() => {
    writeKubeconfig().catch((error: unknown) => logger.error({ err: error }, 'the kubeconfig cannot be written'));
  });
  // A hub with a certificate of another CA shows no CA of that hash: `token create` says what it is known by.
  const caHash = values.tlsCertFile === undefined ? `CA hash: ${hub.caHash}\n` : '';
  process.stdout.write(`hub is ready at ${hub.url}\nadmin kubeconfig: ${kubeconfig}\n${caHash}`);
  if (hub.databaseRunsAs !== undefined) {
    process.stdout.write(
      `database: ${hub.databaseLocation} (PostgreSQL refuses to run as root; it runs as ${hub.databaseRunsAs})\n`,
    );
  }
  await interrupted;
}

async function backup(dataDir: string, file: string): Promise<void> {
  const { backupHub } = await import('@quarterdeck/hub');
  const { objects } = await backupHub(dataDir, file);
  process.stdout.write(`${objects} objects written to ${file}\n`);
}

async function restore(file: string, { dataDir, encryptionKeys }: RestoreFlags): Promise<void> {
  const { restoreHub } = await import('@quarterdeck/hub');
  const { objects } = await restoreHub(dataDir, file, encryptionKeys);
  process.stdout.write(`${objects} objects restored from ${file}; clients will list again\n`);
}
