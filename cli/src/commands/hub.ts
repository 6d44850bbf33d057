import { join } from 'node:path';
import { Command, Option } from 'commander';
import { writeSecretFile } from '../files.ts';
import { openHub } from '../hub-client.ts';
import { fail, untilInterrupted } from '../output.ts';
import { refuseForeignKubeconfig } from '../own-kubeconfig.ts';
import { keepSlabsSmall } from '../small-heap.ts';
import { confirmRestoreCommand } from './confirm-restore.ts';

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
  command
    .command('rotate-ca')
    .description('Replace the CA of the hub, one step at each call; the hub and its members go on meanwhile.')
    .option('--data-dir <dir>', 'data of the hub', '.quarterdeck/hub')
    .option('--database <url>', 'its PostgreSQL, where that is not the embedded one')
    .addOption(keysOption())
    .addOption(earlierKeysOption())
    .option('--kubeconfig <file>', 'an administrator of the hub (default: kubeconfig in the data directory)')
    .option('--force', 'take the step although members are not ready: those must join again', false)
    .option('--status', 'only show where it stands', false)
    .addHelpText(
      'after',
      `
The steps: a second CA is announced, and every agent learns it; the second one
signs, and every agent renews its certificate; the first one is forgotten. A
step that would lose a member is refused and names it. One that is lost by
--force comes back by a new join command.`,
    )
    .action((flags: RotateFlags) => rotateCa(flags).catch(fail));
  return command;
}

interface RestoreFlags {
  readonly dataDir: string;
  readonly encryptionKeys?: string;
}

interface RotateFlags {
  readonly dataDir: string;
  readonly database?: string;
  readonly encryptionKeys?: string;
  readonly encryptionKeyFile?: string;
  readonly kubeconfig?: string;
  readonly force: boolean;
  readonly status: boolean;
}

async function rotateCa(flags: RotateFlags): Promise<void> {
  const { membersBehind, rotateHubCa } = await import('@quarterdeck/hub');
  const { MemberCluster } = await import('@quarterdeck/apis');
  const { dataDir, database, force } = flags;
  const keyFile = flags.encryptionKeys ?? flags.encryptionKeyFile;
  const options = {
    database: database === undefined ? { dataDir } : { url: database },
    ...(keyFile === undefined ? {} : { encryptionKeyFile: keyFile }),
  };
  if (flags.status) {
    const { phase, signing } = await rotateHubCa(options);
    process.stdout.write(`${rotationText[phase]}\nsigning CA: ${signing}\n`);
    return;
  }
  let denied: readonly string[] = [];
  const { phase, signing } = await rotateHubCa(options, async (seen) => {
    if (seen.phase === 'Steady' || force) return;
    await using client = (await openHub(flags.kubeconfig ?? join(dataDir, 'kubeconfig'))).client;
    const behind = membersBehind((await client.list(MemberCluster)).items, seen);
    denied = behind.denied;
    const { waitedFor } = behind;
    if (waitedFor.length === 0) return;
    throw new Error(
      `${waitedFor.length} members are not ready for the next step and would be lost: ${someOf(waitedFor)}; wait, or take it by --force`,
    );
  });
  process.stdout.write(`${rotationText[phase]}\nsigning CA: ${signing}\n${afterStepText[phase]}\n`);
  if (denied.length === 0) return;
  process.stdout.write(
    `${denied.length} members are denied and were left behind: ${someOf(denied)}. One that is accepted again needs a new join command.\n`,
  );
}

const someOf = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');

const rotationText = {
  Steady: 'one CA signs and is trusted; nothing is under way',
  Announced: 'a second CA is announced; agents learn it within seconds. Next step: it signs',
  Switched: 'the new CA signs; agents renew their certificates within minutes. Next step: the old one is forgotten',
} as const;

/** What a step asks of people: agents and the kubeconfig of the data directory follow by themselves. */
const afterStepText = {
  Steady:
    'Make a backup now: to a hub that is restored from an earlier one no agent comes back by itself, as it knows the old CA no more.',
  Announced:
    "Before the next step, make copies of the hub's kubeconfig and kubeconfigs of members anew: they know the old CA only.",
  Switched:
    'Join commands of before name the old CA and are no longer good: make new ones. Before the next step, make copies of the\nkubeconfigs anew once more: their certificates are of the old CA.',
} as const;

/** For commands beside the hub. */
const keysOption = () =>
  new Option(
    '--encryption-keys <file>',
    'the key file of the hub (default: encryption-keys.yaml in the data directory, if it is there)',
  ).env('QUARTERDECK_ENCRYPTION_KEYS');

const earlierKeysOption = () =>
  new Option('--encryption-key-file <file>', 'earlier name of --encryption-keys').hideHelp();

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
