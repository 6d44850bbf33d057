import type { Plugin } from './harness.ts';
import { runPluginProgram } from './harness.ts';
import { kubeconfigSecretreader } from './kubeconfig-secretreader.ts';
import { secretreader } from './secretreader.ts';
import { quarterdeckTunnel } from './tunnel.ts';

/** Every plugin of ours, by name. */
const plugins: readonly Plugin[] = [secretreader, kubeconfigSecretreader, quarterdeckTunnel];

/**
 * The program that consumers run: one plugin, once.
 * @param name which plugin: the first argument, or what the executable is called
 */
export async function main(name: string | undefined): Promise<void> {
  const plugin = plugins.find((each) => each.name === name);
  if (plugin === undefined) {
    process.stderr.write(
      `no credentials plugin "${name ?? ''}": there are ${plugins.map((each) => each.name).join(', ')}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { exitCode, stdout, stderr } = await runPluginProgram(plugin, process.env);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}
