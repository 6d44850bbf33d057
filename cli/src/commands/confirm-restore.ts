import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail } from '../output.ts';

/** `quarterdeck hub confirm-restore`: agents follow a hub that was restored from a backup. RG-10 */
export function confirmRestoreCommand(): Command {
  return withHub(new Command('confirm-restore'))
    .description('Let all agents follow this hub after it was restored from a backup.')
    .addHelpText(
      'after',
      `
Until then an agent keeps what it has, and keeps it right: it follows no Work
that is older than what it delivered, makes nothing that came out of the backup
(reason HubRestored), and takes nothing off its cluster. Deliver again what the
backup does not know before you confirm.`,
    )
    .action(({ kubeconfig }: { kubeconfig: string }) => confirmRestore(kubeconfig).catch(fail));
}

async function confirmRestore(kubeconfig: string): Promise<void> {
  const { annotation, formatTime, MemberCluster } = await import('@quarterdeck/apis');
  await using client = (await openHub(kubeconfig)).client;
  const { items } = await client.list(MemberCluster);
  for (const { metadata } of items) {
    const [epoch = ''] = (metadata.annotations?.[annotation.hubEpoch] ?? '').split(' ');
    const word = `${formatTime(Date.now())} ${epoch}`.trim();
    const body = { metadata: { annotations: { [annotation.restoreConfirmed]: word } } };
    await client.patch(
      MemberCluster,
      { name: metadata.name },
      { type: 'merge', body },
      { fieldManager: 'quarterdeck-cli' },
    );
  }
  process.stdout.write(`${items.length} members follow this hub\n`);
}
