import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type RunningProcess } from '../kube/process.ts';
import { startQuarterdeck } from './quarterdeck.ts';

export interface HubProcessOptions {
  /** For its data; made when missing. Its log lies beside it. */
  readonly dataDir: string;
  /** A PostgreSQL URL. Default: the embedded one. */
  readonly database?: string;
  /** More flags. */
  readonly args?: readonly string[];
}

/** `quarterdeck hub` as a process of its own. */
export interface HubProcess extends AsyncDisposable {
  readonly url: string;
  /** Of an administrator. */
  readonly kubeconfig: string;
  readonly caHash: string;
  readonly logFile: string;
  readonly dataDir: string;
  /** Of the present run. */
  readonly pid: number;
  /** Ends it by a signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again after `kill`, on the same data and port; resolves when it is ready. */
  restart(): Promise<void>;
}

export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { dataDir, database, args = [] } = options;
  await mkdir(dataDir, { recursive: true });
  const [port] = await freePorts(1);
  const logFile = `${dataDir}.log`;
  const start = () =>
    startQuarterdeck({
      args: [
        ...['hub', '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir],
        ...(database === undefined ? [] : ['--database', database]),
        ...args,
      ],
      logFile,
      ready: /hub is ready at (?<url>\S+)\nadmin kubeconfig: \S+\nCA hash: (?<caHash>\S+)\n/,
    });
  const first = await start();
  let running: RunningProcess = first.process;
  const { url = '', caHash = '' } = first.ready.groups ?? {};
  return {
    url,
    caHash,
    kubeconfig: join(dataDir, 'kubeconfig'),
    logFile,
    dataDir,
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
