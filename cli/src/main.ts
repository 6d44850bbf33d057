import { Command } from 'commander';
import { adoptCommand } from './commands/adopt.ts';
import { agentCommand } from './commands/agent.ts';
import { argoCdGeneratorCommand } from './commands/argocd-generator.ts';
import { clusterCommands } from './commands/cluster.ts';
import { demoCommand } from './commands/demo.ts';
import { explainCommand } from './commands/explain.ts';
import { healthCommand } from './commands/health.ts';
import { hubCommand } from './commands/hub.ts';
import { kubeconfigCommand } from './commands/kubeconfig.ts';
import { planCommand } from './commands/plan.ts';
import { tokenCommand } from './commands/token.ts';
import { workCommand } from './commands/work.ts';
import { environmentWarnings } from './environment.ts';
import { tidyHelp } from './help.ts';
import { fail } from './output.ts';
import { version } from './version.ts';

/** The `quarterdeck` command. What a verb starts is imported when it runs. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await commandLine().parseAsync(args, { from: 'user' });
  } catch (error) {
    fail(error);
  }
}

/** All verbs, with their flags and help. */
export function commandLine(): Command {
  const program = new Command('quarterdeck')
    // A flag belongs to the verb that it follows: `hub backup --data-dir` is not the hub's own.
    .enablePositionalOptions()
    .description('A fleet control plane for Kubernetes clusters.')
    .hook('preAction', (all, verb) => {
      for (const text of environmentWarnings(all, verb, process.env)) process.stderr.write(`Warning: ${text}\n`);
    })
    .addCommand(hubCommand())
    .addCommand(agentCommand())
    .addCommand(tokenCommand())
    .addCommand(workCommand())
    .addCommand(adoptCommand())
    .addCommand(healthCommand())
    .addCommand(explainCommand())
    .addCommand(planCommand())
    .addCommand(argoCdGeneratorCommand())
    .addCommand(kubeconfigCommand())
    .addCommand(demoCommand());
  for (const command of clusterCommands()) program.addCommand(command);
  program
    .command('version')
    .description('Print the version.')
    .action(() => void process.stdout.write(`quarterdeck ${version}\n`));
  return tidyHelp(program);
}
