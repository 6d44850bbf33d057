import { join } from 'node:path';
import { Command } from 'commander';
import { openHub } from '../hub-client.ts';
import { fail } from '../output.ts';
import { earlierKeysOption, keysOption } from './encryption-options.ts';

/** `quarterdeck hub rotate-ca`: the next step of replacing the CA. RG-9 */
export function rotateCaCommand(): Command {
  return new Command('rotate-ca')
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
