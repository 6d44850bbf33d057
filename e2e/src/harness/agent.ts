import { quarterdeck, type Restartable, restartable, startQuarterdeck } from './quarterdeck.ts';

export interface TokenOptions {
  /** The hub's, of an administrator. */
  readonly kubeconfig: string;
  readonly cluster: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** More flags. */
  readonly args?: readonly string[];
}

/** How an agent knows the hub. */
export type Trust = readonly [flag: '--ca-hash' | '--ca-data' | '--ca-file', value: string];

/** What stands in the join command. */
export interface JoinCommand {
  readonly token: string;
  readonly trust: Trust;
  readonly text: string;
}

/** `quarterdeck token create`. */
export async function createToken(options: TokenOptions): Promise<JoinCommand> {
  const labels = Object.entries(options.labels ?? {}).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const { code, stdout, stderr } = await quarterdeck([
    ...['token', 'create', '--kubeconfig', options.kubeconfig, '--cluster', options.cluster],
    ...labels,
    ...(options.args ?? []),
  ]);
  const found = /--token (?<token>\S+) (?<flag>--ca-(hash|data)) (?<value>\S+)/.exec(stdout)?.groups;
  if (code !== 0 || found === undefined) throw new Error(`token create ended with ${code}: ${stdout}${stderr}`);
  const { token = '', flag, value = '' } = found;
  return { token, trust: [flag as Trust[0], value], text: stdout };
}

export interface AgentProcessOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  readonly trust: Trust;
  readonly token: string;
  /** Of the member. */
  readonly kubeconfig: string;
  /** Its log lies beside it. */
  readonly stateDir: string;
  /** More flags. */
  readonly args?: readonly string[];
}

/** `quarterdeck agent run` as a process of its own. */
export interface AgentProcess extends Restartable, AsyncDisposable {
  readonly clusterName: string;
  readonly logFile: string;
}

/** Starts an agent; resolves when it has joined. */
export async function startAgentProcess(options: AgentProcessOptions): Promise<AgentProcess> {
  const { clusterName, hubUrl, stateDir } = options;
  const logFile = `${stateDir}.log`;
  const start = () =>
    startQuarterdeck({
      args: [
        ...['agent', 'run', '--cluster-name', clusterName, '--hub', hubUrl, ...options.trust],
        ...['--token', options.token, '--kubeconfig', options.kubeconfig, '--state-dir', stateDir],
        ...(options.args ?? []),
      ],
      logFile,
      ready: /agent of \S+ is connected to /,
    });
  const running = restartable((await start()).process, start);
  return Object.assign(running, { clusterName, logFile, [Symbol.asyncDispose]: running.stop });
}
