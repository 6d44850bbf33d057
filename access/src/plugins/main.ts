import { basename } from 'node:path';
import type { Plugin } from './harness.ts';
import { runPluginProgram } from './harness.ts';
import { kubeconfigSecretreader } from './kubeconfig-secretreader.ts';
import { secretreader } from './secretreader.ts';
import { tokenRequest } from './token-request.ts';
import { quarterdeckTunnel } from './tunnel.ts';

/** Every plugin of ours, by name. */
const plugins: readonly Plugin[] = [secretreader, kubeconfigSecretreader, quarterdeckTunnel, tokenRequest];

/** How a program was started. */
export interface Invocation {
  /** What it is called; a path is cut to its last part. */
  readonly program: string;
  /** What stands behind it. */
  readonly args: readonly string[];
}

/**
 * The program that consumers run: one plugin, once. Which one says the program's own name, as in an executable that is
 * called like its plugin, else the first argument.
 */
export async function main({ program, args }: Invocation): Promise<void> {
  const called = plugins.find(({ name }) => name === basename(program).replace(/\.exe$/, ''));
  const plugin = called ?? plugins.find(({ name }) => name === args[0]);
  if (plugin === undefined) {
    process.stderr.write(
      `no credentials plugin "${args[0] ?? ''}": there are ${plugins.map((each) => each.name).join(', ')}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const rest = called === undefined ? args.slice(1) : args;
  const { exitCode, stdout, stderr } = await runPluginProgram(plugin, process.env, rest);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}
