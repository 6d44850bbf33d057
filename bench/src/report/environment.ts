import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { repository } from '../servers/process.ts';

const run = promisify(execFile);

/** Where and on what a result was made. */
export interface Environment {
  readonly commit: string;
  /** The checkout had changes that the commit does not have. */
  readonly dirty: boolean;
  readonly machine: {
    readonly cpus: number;
    readonly cpuModel: string;
    readonly memoryBytes: number;
    readonly kernel: string;
    /** Runnable processes, one-minute average, when the bench began: near 0 on a machine of its own. */
    readonly loadBefore: number;
  };
  readonly versions: Readonly<Record<string, string>>;
}

export async function environment(): Promise<Environment> {
  const [commit, status] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
  const [load = 0] = loadavg();
  return {
    commit,
    dirty: status !== '',
    machine: {
      cpus: cpus().length,
      cpuModel: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      kernel: release(),
      loadBefore: Number(load.toFixed(2)),
    },
    versions: { node: process.versions.node, v8: process.versions.v8, openssl: process.versions.openssl },
  };
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', repository, ...args]);
  return stdout.trim();
}
