import { type PluginRequest, setting } from './harness.ts';

export const clusterNameFlag = '--cluster-name';

/** The value of `--name VALUE` or `--name=VALUE`, empty where none follows; undefined where the flag is not given. */
export function option(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((each) => each === name || each.startsWith(`${name}=`));
  const found = args[at];
  if (found === undefined) return undefined;
  return found === name ? (args[at + 1] ?? '') : found.slice(name.length + 1);
}

/** Whether the command line says which member is meant: for clients that tell a plugin of no cluster, as Argo CD. */
export const saysCluster = (args: readonly string[]): boolean => option(args, clusterNameFlag) !== undefined;

/** Which member is meant: by the command line, else by the profile. @throws Error when neither says it */
export function clusterNameOf({ args, config }: Pick<PluginRequest, 'args' | 'config'>): string {
  const given = option(args, clusterNameFlag);
  if (given === '') throw new Error(`${clusterNameFlag} is given without a name: say which member cluster is meant`);
  return given ?? setting(config, 'clusterName');
}
