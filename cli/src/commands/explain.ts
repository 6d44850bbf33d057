import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail, table } from '../output.ts';

interface ExplainFlags {
  readonly namespace: string;
  readonly cluster: string | undefined;
  readonly output: string | undefined;
  readonly kubeconfig: string;
}

/** `quarterdeck explain placement`: why each cluster was chosen or not. */
export function explainCommand(): Command {
  const command = new Command('explain').description('Why things are as they are.');
  withHub(command.command('placement <name>'))
    .description('Why each cluster was chosen or not, by the rules that choose, with your own rights.')
    .option('-n, --namespace <name>', 'namespace of the placement', 'default')
    .option('--cluster <name>', 'this cluster only, with all its scores')
    .option('-o, --output <format>', 'yaml: everything, for programs')
    .addHelpText('after', `\nExample:\n  quarterdeck explain placement two --cluster m1`)
    .action((name: string, flags: ExplainFlags) => explainPlacement(name, flags).catch(fail));
  return command;
}

async function explainPlacement(name: string, flags: ExplainFlags): Promise<void> {
  if (flags.output !== undefined && flags.output !== 'yaml') throw new Error(`-o ${flags.output}: must be yaml`);
  const { encodeYaml, systemClock } = await import('@quarterdeck/machinery');
  const { explainPlacement: explain } = await import('@quarterdeck/hub');
  const { client } = await openHub(flags.kubeconfig);
  await using _client = client;
  const { verdicts, reason, satisfied, message, term } = await explain(
    client,
    { name, namespace: flags.namespace },
    systemClock,
  );
  const shown = verdicts.filter(({ clusterName }) => flags.cluster === undefined || clusterName === flags.cluster);
  if (shown.length === 0 && flags.cluster !== undefined) {
    throw new Error(`cluster ${flags.cluster} is not in reach of namespace ${flags.namespace}`);
  }
  if (flags.output === 'yaml') {
    const clusters = shown.map(({ scores, domains, candidateTerms, ...verdict }) => ({
      ...withoutUndefined(verdict),
      candidateTerms: [...candidateTerms],
      domains: domains.map(withoutUndefined),
      scores: scores.map(withoutUndefined),
    }));
    process.stdout.write(encodeYaml({ placement: name, reason, satisfied, message, clusters }));
    return;
  }
  process.stdout.write(`${satisfied ? 'Satisfied' : `Not satisfied (${reason})`}: ${message}\n`);
  if (term !== undefined) process.stdout.write(`Candidate term in use: ${term}\n`);
  const rows = shown.map(({ clusterName, outcome, total, rank, message: why }) => [
    clusterName,
    outcome,
    total === undefined ? '-' : String(total),
    rank === undefined ? '-' : String(rank),
    why,
  ]);
  process.stdout.write(`\n${table([['CLUSTER', 'OUTCOME', 'SCORE', 'RANK', 'WHY'], ...rows])}`);
  const [only] = shown;
  if (flags.cluster === undefined || only === undefined) return;
  for (const { key, value } of only.domains) process.stdout.write(`\nspread over ${key}: ${value ?? 'no value'}\n`);
  if (only.scores.length === 0) return;
  const scores = only.scores.map(({ priority, weight, score, contribution }) => [
    priority,
    String(weight),
    score === undefined ? 'unknown' : String(score),
    String(contribution),
  ]);
  process.stdout.write(`\n${table([['PRIORITY', 'WEIGHT', 'SCORE', 'ADDS'], ...scores])}`);
}

/** An absent fact is left out of the YAML. */
function withoutUndefined(value: object): Record<string, string | number> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
