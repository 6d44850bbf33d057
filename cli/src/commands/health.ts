import { readFile } from 'node:fs/promises';
import type { KubeObject } from '@quarterdeck/apis';
import { Command } from 'commander';
import { fail, table } from '../output.ts';

/** `quarterdeck health test -f FILE`: tries health rules before they go to the fleet. DL-22, DL-23 */
export function healthCommand(): Command {
  const command = new Command('health').description(
    'Rules that say when an object is healthy, and which of its fields are reported.',
  );
  command
    .command('test')
    .description(
      'Judge the objects of a file by its HealthRules, and read the fields that these ask for, as agents would. No hub is asked.',
    )
    .requiredOption('-f, --file <file>', 'YAML with HealthRules and objects, several documents')
    .addHelpText(
      'after',
      `
An object with the annotation quarterdeck.dev/expect-health must come out so,
and one with quarterdeck.dev/expect-fields, such as 'phase="Running"; lag=3',
must have these values; otherwise the command fails.

Example:
  quarterdeck health test -f database-health.yaml`,
    )
    .action(({ file }: { file: string }) => run(file).catch(fail));
  return command;
}

async function run(file: string): Promise<void> {
  const { decodeYamlDocuments } = await import('@quarterdeck/machinery');
  const { testHealth } = await import('../health-test.ts');
  const documents = decodeYamlDocuments(await readFile(file, 'utf8')).map(
    ({ value }) => value as unknown as KubeObject,
  );
  const { rows, fieldRows, problems } = await testHealth(documents.filter((document) => document !== null));
  process.stdout.write(table(rows));
  if (fieldRows.length > 1) process.stdout.write(`\n${table(fieldRows)}`);
  if (problems.length > 0) throw new Error(problems.join('\nquarterdeck: '));
}
