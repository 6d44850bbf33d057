import type { Placement } from '@quarterdeck/apis';
import type { SnapshotEdits } from '@quarterdeck/hub';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail, table } from '../output.ts';

interface PlanFlags {
  readonly file: string;
  readonly namespace: string | undefined;
  readonly taint: readonly string[];
  readonly without: readonly string[];
  readonly like: readonly string[];
  readonly label: readonly string[];
  readonly kubeconfig: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `quarterdeck plan placement`: what would be chosen, and what if. */
export function planCommand(): Command {
  const command = new Command('plan').description('What would happen; nothing is written.');
  withHub(command.command('placement'))
    .description('What a placement would choose now, and what would change for the others of its namespace.')
    .requiredOption('-f, --file <file>', 'file with the placement; it need not exist on the hub')
    .option('-n, --namespace <name>', 'namespace; default: that of the file, else default')
    .option('--taint <cluster=key[=value]:effect>', 'as if the cluster were tainted (repeat)', collect, [])
    .option('--without <cluster>', 'as if the cluster were gone (repeat)', collect, [])
    .option('--like <new=cluster>', 'as if there were one more cluster, like the one named (repeat)', collect, [])
    .option('--label <cluster=key=value>', 'as if the cluster had the label; "key-" removes it (repeat)', collect, [])
    .addHelpText(
      'after',
      `\nExample:\n  quarterdeck plan placement -f two.yaml --without m2 \\
    --taint m1=maintenance:NoExecute`,
    )
    .action((flags: PlanFlags) => planPlacement(flags).catch(fail));
  return command;
}

async function planPlacement(flags: PlanFlags): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  const { decodeYaml, systemClock } = await import('@quarterdeck/machinery');
  const { planPlacement: plan } = await import('@quarterdeck/hub');
  const { value } = decodeYaml(await readFile(flags.file, 'utf8'));
  const placement = value as unknown as Placement;
  if (placement?.kind !== 'Placement' || placement.metadata?.name === undefined) {
    throw new Error(`${flags.file}: must hold one Placement with a name`);
  }
  const namespace = flags.namespace ?? placement.metadata.namespace ?? 'default';
  const edits = editsOf(flags, systemClock.now());
  const { client } = await openHub(flags.kubeconfig);
  await using _client = client;
  const changes = await plan(
    client,
    { placement: { ...placement, spec: placement.spec ?? {} }, namespace, edits },
    systemClock,
  );
  const own = changes.find((change) => change.placement === `${namespace}/${placement.metadata.name}`);
  if (own !== undefined) {
    const names = own.outcome.choices.map(({ cluster }) => cluster.name);
    process.stdout.write(`${own.placement} would have ${names.length === 0 ? 'no cluster' : names.join(', ')}\n`);
    process.stdout.write(`${own.outcome.satisfied ? 'Satisfied' : 'Not satisfied'}: ${own.outcome.message}\n`);
  }
  const rows = changes
    .filter(({ gained, lost }) => gained.length + lost.length > 0)
    .map((change) => [change.placement, change.gained.join(', ') || '-', change.lost.join(', ') || '-']);
  if (rows.length === 0) process.stdout.write('\nNo decision would change.\n');
  else process.stdout.write(`\n${table([['PLACEMENT', 'GAINS', 'LOSES'], ...rows])}`);
}

const taintText = /^([^=]+)=([^=:]+)(?:=([^=:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/;

/** @throws Error for text that is not in form */
export function editsOf(
  { taint, without, like, label }: Pick<PlanFlags, 'taint' | 'without' | 'like' | 'label'>,
  now: number,
): SnapshotEdits {
  return {
    removed: without,
    copied: like.map((text) => {
      const [clusterName, of, more] = text.split('=');
      if (!clusterName || !of || more !== undefined) throw new Error(`--like ${text}: must be new=cluster`);
      return { clusterName, of };
    }),
    tainted: taint.map((text) => {
      const [, clusterName, key, value = '', effect] = taintText.exec(text) ?? [];
      if (clusterName === undefined || key === undefined) {
        throw new Error(
          `--taint ${text}: must be cluster=key[=value]:effect, the effect NoSchedule, PreferNoSchedule or NoExecute`,
        );
      }
      return { clusterName, taint: { key, value, effect: effect as 'NoSchedule', timeAdded: now } };
    }),
    labelled: label.map((text) => {
      const [clusterName, key, value] = text.split('=');
      if (clusterName === undefined || clusterName === '' || key === undefined || key === '') {
        throw new Error(`--label ${text}: must be cluster=key=value, or cluster=key- to remove it`);
      }
      if (value === undefined && !key.endsWith('-')) throw new Error(`--label ${text}: has no value`);
      return value === undefined ? { clusterName, key: key.slice(0, -1), value } : { clusterName, key, value };
    }),
  };
}
