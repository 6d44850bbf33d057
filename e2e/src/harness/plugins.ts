import { join } from 'node:path';
import { repository } from './quarterdeck.ts';
import { type Outcome, run } from './run.ts';

/** Names of our credentials plugins. */
export type PluginName = 'quarterdeck-tunnel' | 'token-request' | 'secretreader' | 'kubeconfig-secretreader';

/** Builds our plugins as single executables, as `pnpm executables` does. @returns where each of them lies */
export async function buildPlugins(dir: string): Promise<(name: PluginName) => string> {
  const built = await run(process.execPath, [join(repository, 'tools/executables.ts'), dir], { timeoutMs: 240_000 });
  if (built.code !== 0) throw new Error(`the executables could not be built: ${built.stderr}`);
  return (name) => join(dir, name);
}

export interface PluginRun {
  /** `spec.cluster.config` */
  readonly config: object;
  readonly args?: readonly string[];
  /** All that it knows of its surroundings. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs a plugin as a client of Kubernetes does, with nothing of our own environment. */
export function runPlugin(path: string, { config, args = [], env, cwd }: PluginRun): Promise<Outcome> {
  const info = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://member.example:6443', config } },
  };
  return run(path, args, { cwd, env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) } });
}
