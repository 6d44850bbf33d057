import type { Stored, Work, WorkReport } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail, table } from '../output.ts';

interface Flags {
  readonly kubeconfig: string;
  readonly namespace: string;
}

interface Seen {
  readonly work: Stored<Work>;
  readonly report: Stored<WorkReport> | undefined;
}

/** `quarterdeck work status|diff|drift NAME`: what became of a Work, in one look. */
export function workCommand(): Command {
  const command = new Command('work').description('What became of a Work on its member.');
  const verb = (name: string, description: string, show: (seen: Seen) => Promise<string>) =>
    withHub(command.command(name))
      .description(description)
      .argument('<name>', 'name of the Work')
      .requiredOption('-n, --namespace <namespace>', 'namespace of the member on the hub, member-<cluster>')
      .action((work: string, flags: Flags) => run(work, flags, show).catch(fail));
  verb('status', 'Show each object: applied or not and why, its health, its drift.', async ({ work, report }) => {
    const { conditionLines, statusRows } = await import('../work-view.ts');
    return `${conditionLines(work).join('\n')}\n\n${table(statusRows(work, report))}`;
  });
  verb('diff', 'Show what is not as the manifests say, as the agent last saw it.', async ({ work, report }) => {
    const { diffLines } = await import('../work-view.ts');
    return orNone(diffLines(work, report), 'nothing differs');
  });
  verb('drift', 'Show what was changed on the member, and what was done about it.', async ({ report }) => {
    const { driftLines } = await import('../work-view.ts');
    return orNone(driftLines(report, false), 'no drift was seen');
  });
  return command;
}

const orNone = (lines: readonly string[], none: string) => `${lines.length === 0 ? none : lines.join('\n')}\n`;

async function run(name: string, flags: Flags, show: (seen: Seen) => Promise<string>): Promise<void> {
  await using client = (await openHub(flags.kubeconfig)).client;
  process.stdout.write(await show(await read(client, { namespace: flags.namespace, name })));
}

async function read(client: Client, ref: { namespace: string; name: string }): Promise<Seen> {
  const { ignoreNotFound, Work: work, WorkReport: report } = await import('@quarterdeck/apis');
  const found = await ignoreNotFound(client.get(work, ref));
  if (found === undefined)
    throw new Error(`there is no Work ${ref.name} in ${ref.namespace}: kubectl get works -A shows those there are`);
  return { work: found, report: await ignoreNotFound(client.get(report, ref)) };
}
