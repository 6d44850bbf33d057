import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of one test file, removed with everything in it. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** Others may pass through: as root, PostgreSQL runs as another user and would otherwise be kept elsewhere. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'qd-e2e-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
