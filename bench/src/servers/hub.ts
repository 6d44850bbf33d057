import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '@quarterdeck/e2e/kube';
import { processTable, processTree } from './cpu-time.ts';
import { answer, profilingFlags, type Running, repository, start } from './process.ts';

/** `quarterdeck hub` in a process of its own. */
export interface HubProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** File, of an administrator. */
  readonly kubeconfig: string;
  readonly caHash: string;
  /** From starting the process until it said that it is ready. */
  readonly readyMs: number;
  /** Ends it without a chance to end well, with its database; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface HubProcessOptions {
  /** Kept: a second start finds what the first one wrote. */
  readonly dataDir: string;
  /** Default: the embedded PostgreSQL. */
  readonly databaseUrl?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Default: {@link program}. */
  readonly program?: string;
}

/** From the sources. */
export const program = join(repository, 'cli/bin/quarterdeck.mjs');
/** As `pnpm bundle` makes it, for images. */
export const bundledProgram = join(repository, 'dist/quarterdeck.mjs');

export async function startHub(options: HubProcessOptions): Promise<HubProcess> {
  const { dataDir, databaseUrl, port } = options;
  await mkdir(dataDir, { recursive: true });
  const logFile = `${dataDir}-${Date.now()}.log`;
  const [free] = port === undefined ? await freePorts(1) : [port];
  const listen = `127.0.0.1:${free}`;
  const database = databaseUrl === undefined ? [] : ['--database', databaseUrl];
  const started = performance.now();
  const running: Running = await start(
    process.execPath,
    [
      ...profilingFlags(),
      options.program ?? program,
      'hub',
      '--listen',
      listen,
      '--data-dir',
      dataDir,
      '--log-level',
      'warn',
      ...database,
    ],
    logFile,
  );
  try {
    const said = await answer(
      running,
      async () => /hub is ready at (\S+)\n.*CA hash: (\S+)\n/s.exec(await readFile(logFile, 'utf8')) ?? undefined,
      { what: 'quarterdeck hub', logFile, everyMs: 5 },
    );
    return {
      url: said[1] ?? '',
      caHash: said[2] ?? '',
      pid: running.pid,
      kubeconfig: join(dataDir, 'kubeconfig'),
      readyMs: performance.now() - started,
      async kill() {
        for (const pid of processTree(await processTable(), running.pid)) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // It went with its parent.
          }
        }
        await running.exited;
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}
