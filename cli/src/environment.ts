import { unknownVariables } from '@quarterdeck/machinery';
import type { Command } from 'commander';

/** Read by the credentials plugins of consumers, and by the tests that use real Kubernetes. */
const ofOtherPrograms = [
  'QUARTERDECK_HUB_URL',
  'QUARTERDECK_HUB_CA_FILE',
  'QUARTERDECK_SERVICE_ACCOUNT',
  'QUARTERDECK_CACHE',
];

/** The verbs whose options may come from the environment. */
const configured: readonly string[] = ['hub', 'agent'];
/** What makes no sense there. */
const onlyFlags: readonly string[] = ['--print-config', '--force', '--status'];

/**
 * What in the environment looks like an option of ours and is none, for verbs that are configured by it. A hub and an agent may
 * be started from one shell, so the options of each are known to both.
 */
export function environmentWarnings(
  program: Command,
  verb: Command,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (!configured.includes(topOf(program, verb).name())) return [];
  const roots = program.commands.filter((command) => configured.includes(command.name()));
  const flags = roots
    .flatMap((root) => [root, ...root.commands])
    .flatMap(({ options }) => options.flatMap(({ long }) => (long === null || long === undefined ? [] : [long])))
    .filter((flag) => !onlyFlags.includes(flag));
  return unknownVariables(env, [...flags.map(variableOf), ...ofOtherPrograms]);
}

const variableOf = (flag: string): string => `QUARTERDECK_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`;

function topOf(program: Command, verb: Command): Command {
  return verb.parent === null || verb.parent === program ? verb : topOf(program, verb.parent);
}
