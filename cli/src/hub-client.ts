import { type Command, Option } from 'commander';

/** Adds `--kubeconfig`: how a verb for people reaches the hub. */
export function withHub(command: Command): Command {
  const option = new Option('--kubeconfig <file>', 'how to reach the hub').env('KUBECONFIG');
  return command.addOption(option.default(defaultKubeconfig));
}

const defaultKubeconfig = '.quarterdeck/hub/kubeconfig';

/** The hub as the user of a kubeconfig, and how it is reached; `proxy` also where the environment names it. Dispose of the client. */
export async function openHub(kubeconfig: string) {
  const { createHttpClient, loadKubeconfig, withEnvironmentProxy } = await import('@quarterdeck/machinery');
  // An empty variable is as good as none, as for kubectl.
  const connection = await loadKubeconfig({ path: kubeconfig === '' ? defaultKubeconfig : kubeconfig });
  const onWarning = (text: string) => void process.stderr.write(`Warning: ${text}\n`);
  const reached = withEnvironmentProxy(connection, process.env);
  return {
    client: createHttpClient({ ...reached, userAgent: 'quarterdeck-cli', onWarning }),
    connection,
    proxy: reached.proxy,
  };
}
