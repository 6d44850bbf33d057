import type { RunningProcess } from '../kube/process.ts';
import { quarterdeck, startQuarterdeck } from './quarterdeck.ts';

export interface TokenOptions {
  /** The hub's, of an administrator. */
  readonly kubeconfig: string;
  readonly cluster: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** More flags. */
  readonly args?: readonly string[];
}

/** What stands in the join command. */
export interface JoinCommand {
  readonly token: string;
  readonly caHash: string;
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
  const found = /--token (?<token>\S+) --ca-hash (?<caHash>\S+)/.exec(stdout)?.groups;
  if (code !== 0 || found === undefined) throw new Error(`token create ended with ${code}: ${stdout}${stderr}`);
  return { token: found.token ?? '', caHash: found.caHash ?? '', text: stdout };
}

export interface AgentProcessOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** How it knows the hub: `--ca-hash HASH` or `--ca-file FILE`. */
  readonly trust: readonly [flag: '--ca-hash' | '--ca-file', value: string];
  readonly token: string;
  /** Of the member. */
  readonly kubeconfig: string;
  /** Its log lies beside it. */
  readonly stateDir: string;
  /** More flags. */
  readonly args?: readonly string[];
}

/** `quarterdeck agent run` as a process of its own. */
export interface AgentProcess extends AsyncDisposable {
  readonly clusterName: string;
  readonly logFile: string;
  /** Of the present run. */
  readonly pid: number;
  /** Ends it by a signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again after `kill`, on the same state; resolves when it is connected. */
  restart(): Promise<void>;
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
  let running: RunningProcess = (await start()).process;
  return {
    clusterName,
    logFile,
    get pid() {
      return running.pid;
    },
    async kill(signal) {
      running.kill(signal);
      await running.exited;
    },
    async restart() {
      running = (await start()).process;
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
