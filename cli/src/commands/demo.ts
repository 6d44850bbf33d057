import { Command, InvalidArgumentError, Option } from 'commander';
import type { MemberKind } from '../demo/members.ts';
import { fail, untilInterrupted } from '../output.ts';

interface DemoFlags {
  readonly clusters: number;
  readonly members: MemberKind;
  readonly port: number;
  readonly fresh: boolean;
  readonly once: boolean;
}

const demoDir = '.quarterdeck/demo';

/** `quarterdeck demo`: one command to a working fleet. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Start a hub, member clusters with their agents, and an app on two of them; stays up until Ctrl-C.')
    .option('--clusters <n>', 'how many member clusters, 1 to 1000', whole(1, 1000), 3)
    .addOption(
      new Option('--members <kind>', 'simulated, real kube-apiservers (need Go once), or kind clusters (need Docker)')
        .choices(['sim', 'kube', 'kind'])
        .default('sim'),
    )
    .option('--port <port>', 'port of the hub on 127.0.0.1', whole(0, 65_535), 6443)
    .option('--fresh', 'forget what an earlier demo left', false)
    .option('--once', 'verify everything, stop, and exit 0; or exit 1 and say what is missing', false)
    .addHelpText(
      'after',
      `\nData: ${demoDir}. A second start resumes.\n\nExamples:\n  quarterdeck demo\n  quarterdeck demo --clusters 100 --fresh\n  quarterdeck demo --members kube --once`,
    )
    .action((flags: DemoFlags) => runDemo(flags).catch(fail));
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

async function runDemo(flags: DemoFlags): Promise<void> {
  const { startDemo } = await import('../demo/demo.ts');
  const { interrupted, signal } = untilInterrupted();
  await using demo = await startDemo({ ...flags, dir: demoDir, signal });
  if (flags.once) {
    process.stdout.write('verified: every chosen cluster reports the app applied and available\n');
    return;
  }
  process.stdout.write(`The fleet is up at ${demo.hub.url}. Ctrl-C stops it; the data stays in ${demoDir}.\n`);
  await interrupted;
  process.stdout.write('stopping\n');
}
