import { readFile } from 'node:fs/promises';
import type { Manifest } from '@quarterdeck/apis';
import type { JsonValue } from '@quarterdeck/machinery';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail, table } from '../output.ts';

interface Flags {
  readonly kubeconfig: string;
  readonly cluster: string;
  readonly file: readonly string[];
  readonly yes: boolean;
  readonly changeDiffering: boolean;
  readonly createMissing: boolean;
  readonly timeout: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `quarterdeck adopt NAME --cluster CLUSTER -f FILE`: take over what runs on a member already. DL-4 */
export function adoptCommand(): Command {
  return withHub(new Command('adopt'))
    .description('Compare files with what runs on a member cluster, and take it over without touching its pods.')
    .argument('<name>', 'name of the Work that is made of the files')
    .requiredOption('--cluster <cluster>', 'name of the MemberCluster')
    .requiredOption('-f, --file <file>', 'YAML or JSON with the objects as they shall be (repeat)', collect)
    .option('--yes', 'take over; without it, only the comparison is shown', false)
    .option('--change-differing', 'with --yes: also take what differs, and change it to what the files say', false)
    .option('--create-missing', 'with --yes: also make what is not there', false)
    .option('--timeout <seconds>', 'how long the agent may take to answer', '60')
    .addHelpText(
      'after',
      `
An object is equal when applying its manifest would change nothing, by the word
of the cluster itself. What is taken over outlives the Work, unless its manifest
says quarterdeck.dev/deletion-policy: Delete.

Example:
  # what is equal, what differs and in which fields
  quarterdeck adopt shop --cluster m1 -f shop.yaml
  # take over what is equal
  quarterdeck adopt shop --cluster m1 -f shop.yaml --yes`,
    )
    .action((name: string, flags: Flags) => run(name, flags).catch(fail));
}

async function run(name: string, flags: Flags): Promise<void> {
  const { memberNamespaceName } = await import('@quarterdeck/apis');
  const { systemClock } = await import('@quarterdeck/machinery');
  const { adopt } = await import('../adopt.ts');
  const { isTaken } = await import('../adoption.ts');
  const { driftOf, statusRows } = await import('../work-view.ts');
  const manifests = (await Promise.all(flags.file.map(readManifests))).flat();
  if (manifests.length === 0) throw new Error(`${flags.file.join(', ')}: there is no object in it`);
  const timeoutMs = 1000 * Number(flags.timeout);
  if (!(timeoutMs > 0)) throw new Error(`--timeout ${flags.timeout}: must be a number of seconds above 0`);
  const also = { differing: flags.changeDiffering, missing: flags.createMissing };
  const work = { namespace: memberNamespaceName(flags.cluster), name };
  await using client = (await openHub(flags.kubeconfig)).client;
  const request = { work, manifests, also, isConfirmed: flags.yes, timeoutMs };
  const { found, ...adopted } = await adopt(client, systemClock, request);
  const say = (text: string) => process.stdout.write(text);
  const rows = found.map(({ title, state, message }) => [title, state.toLowerCase(), message]);
  say(table([['OBJECT', 'ON THE CLUSTER', 'MESSAGE'], ...rows]));
  for (const { title, drift, state } of found)
    if (state === 'Differs' && drift !== undefined) say(`\n${title}:\n${driftOf(drift).join('\n')}\n`);
  const taken = found.filter(({ state }) => isTaken(state, also)).length;
  if (adopted.work === undefined) {
    say(`\nNothing was written on ${flags.cluster}. ${next(taken)}\n`);
    return;
  }
  const left = found.length - taken;
  say(`\nThe Work ${work.name} in ${work.namespace} has taken over:\n`);
  say(table(statusRows(adopted.work, adopted.report)));
  if (left > 0) say(`${left} of ${found.length} objects of the files were left out.\n`);
}

const next = (taken: number): string =>
  taken === 0
    ? 'There is nothing to take over: make the files equal, or see --change-differing and --create-missing.'
    : `With --yes, ${taken} ${taken === 1 ? 'object is' : 'objects are'} taken over.`;

/** The objects of a file; a list counts as what stands in it. */
async function readManifests(file: string): Promise<Manifest[]> {
  const { decodeYamlDocuments, isJsonObject } = await import('@quarterdeck/machinery');
  const objects = decodeYamlDocuments(await readFile(file, 'utf8')).flatMap(({ value }): JsonValue[] => {
    if (!isJsonObject(value)) return value === null ? [] : [value];
    return value.kind === 'List' && Array.isArray(value.items) ? [...value.items] : [value];
  });
  for (const object of objects)
    if (!isJsonObject(object)) throw new Error(`${file}: there is something in it that is no Kubernetes object`);
  return objects as unknown as Manifest[];
}
