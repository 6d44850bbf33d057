import { execFile } from 'node:child_process';
import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is built with Go cannot be had on this machine; the message says what to install. */
export class KubeUnavailableError extends Error {
  override readonly name = 'KubeUnavailableError';
}

export interface GoProgram {
  /** Where it is kept between runs; another one for each version of what it is built from. */
  readonly folder: string;
  readonly file: string;
  /** The directory of its Go module. */
  readonly module: string;
  /** Of the go command, without `-o`: `['build', '-ldflags', …, './node-stub']`. */
  readonly args: readonly [command: string, ...rest: string[]];
  /** For people: `kube-apiserver v1.35.4`. */
  readonly what: string;
}

/** Told, a line each, what takes time. */
export type Progress = (line: string) => void;

/**
 * The path of a Go program: from the cache, or built, which takes minutes the first time.
 * @throws KubeUnavailableError without Go and without a warm cache
 */
export async function goProgram(program: GoProgram, progress: Progress = () => {}): Promise<string> {
  const path = join(program.folder, program.file);
  if (!(await exists(path))) await build(program, path, progress);
  return path;
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Builds into a temporary name first, so that a killed build leaves nothing half-written in the cache. */
async function build({ folder, file, module, args, what }: GoProgram, path: string, progress: Progress): Promise<void> {
  await run('go', ['version']).catch((cause) => {
    throw new KubeUnavailableError(`${what} needs Go 1.25 or newer on the PATH, or its binary in the cache`, { cause });
  });
  progress(`building ${what} (cached afterwards)`);
  const scratch = await mkdtemp(join(folder, 'build-'));
  const [command, ...rest] = args;
  try {
    await run('go', [command, '-trimpath', '-o', join(scratch, file), ...rest], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(scratch, file), path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
