import type { PlacementExplanation } from '@quarterdeck/hub';
import type { Client, JsonObject } from '@quarterdeck/machinery';
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
  withHub(command.command('placement'))
    .argument('<name>', 'name of the placement')
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
  const { encodeYaml } = await import('@quarterdeck/machinery');
  const { client } = await openHub(flags.kubeconfig);
  await using _client = client;
  const explanation = await explanationOf(client, { name, namespace: flags.namespace });
  if (explanation === undefined) {
    throw new Error(
      `there is no Placement ${name} in ${flags.namespace}: kubectl get placements -A shows those there are`,
    );
  }
  const { satisfied, reason, message, candidateTerm, heldBack, clusters } = explanation;
  const shown = clusters.filter(({ clusterName }) => flags.cluster === undefined || clusterName === flags.cluster);
  if (shown.length === 0 && flags.cluster !== undefined) {
    throw new Error(`cluster ${flags.cluster} is not in reach of namespace ${flags.namespace}`);
  }
  if (flags.output === 'yaml') {
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...facts } = explanation;
    process.stdout.write(encodeYaml({ placement: name, ...facts, clusters: shown } as unknown as JsonObject));
    return;
  }
  process.stdout.write(`${satisfied ? 'Satisfied' : `Not satisfied (${reason})`}: ${message}\n`);
  if (candidateTerm !== undefined) process.stdout.write(`Candidate term in use: ${candidateTerm}\n`);
  for (const { cause, leaves, takes } of heldBack) {
    const instead = takes.length === 0 ? '' : `; a fresh choice would take ${takes.join(', ')}`;
    process.stdout.write(`Held back (${cause}): ${leaves.join(', ') || 'nobody'} stays${instead}\n`);
  }
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

/**
 * As the hub explains it, which needs a right to the placement only; a Kubernetes hub has no such subresource, and there it is
 * computed here, from what the user may read. Undefined: there is no such placement. PL-34
 */
async function explanationOf(
  client: Client,
  ref: { name: string; namespace: string },
): Promise<PlacementExplanation | undefined> {
  const { systemClock } = await import('@quarterdeck/machinery');
  const { apiVersionOf, ignoreNotFound, isForbidden, isNotFound, Placement } = await import('@quarterdeck/apis');
  const path = `/apis/${apiVersionOf(Placement)}/namespaces/${ref.namespace}/placements/${ref.name}/explanation`;
  try {
    return (await client.getRaw(path)) as PlacementExplanation;
  } catch (error) {
    if (!isNotFound(error) && !isForbidden(error)) throw error;
  }
  const { explainPlacement: explain } = await import('@quarterdeck/hub');
  return await ignoreNotFound(explain(client, ref, systemClock));
}
