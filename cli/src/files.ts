import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file that only its owner may read, whole or not at all. For keys and kubeconfigs. */
export async function writeSecretFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const scratch = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(scratch, content, { mode: 0o600, flush: true });
    await rename(scratch, path);
  } finally {
    await rm(scratch, { force: true });
  }
}
