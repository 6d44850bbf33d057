import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../kube/ports.ts';
import { type ProcessLimits, type Restartable, restartable, startQuarterdeck } from './quarterdeck.ts';

export interface HubProcessOptions {
  /** For its data; made when missing. Its log lies beside it. */
  readonly dataDir: string;
  /** A PostgreSQL URL. Default: the embedded one. */
  readonly database?: string;
  /** More flags. */
  readonly args?: readonly string[];
  readonly limits?: ProcessLimits;
}

/** `quarterdeck hub` as a process of its own. */
export interface HubProcess extends Restartable, AsyncDisposable {
  readonly url: string;
  /** Of an administrator. */
  readonly kubeconfig: string;
  readonly caHash: string;
  readonly logFile: string;
  readonly dataDir: string;
}

export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { dataDir, database, args = [], limits = {} } = options;
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
      limits,
      ready: /hub is ready at (?<url>\S+)\nadmin kubeconfig: \S+\nCA hash: (?<caHash>\S+)\n/,
    });
  const first = await start();
  const running = restartable(first.process, start);
  const { url = '', caHash = '' } = first.ready.groups ?? {};
  return Object.assign(running, {
    url,
    caHash,
    kubeconfig: join(dataDir, 'kubeconfig'),
    logFile,
    dataDir,
    async [Symbol.asyncDispose]() {
      await running.stop();
      await stopOrphan(dataDir);
    },
  });
}

/** Process id of the embedded PostgreSQL that runs, or ran last, on a hub's data. @throws Error when none ever did */
export async function databasePid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres/postgres/pgdata/postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

/** The database of a hub that was killed and not started again. */
async function stopOrphan(dataDir: string): Promise<void> {
  const pid = await databasePid(dataDir).catch(() => undefined);
  if (pid === undefined) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes(dataDir)) process.kill(pid, 'SIGQUIT');
}
