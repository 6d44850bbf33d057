import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from '@quarterdeck/machinery';

/**
 * Writes a file that only its owner may read, whole or not at all, whoever may read one that is there. For keys and
 * kubeconfigs. SEC-12
 * @throws Error where something stands that is no file, a device for example
 */
export async function writeSecretFile(path: string, content: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw new Error(`${path} is no file: name one, or a new one`);
  makeDirectory(dirname(path), 0o700);
  const scratch = `${path}.${process.pid}.tmp`;
  await rm(scratch, { force: true }); // left by a crash, or planted
  try {
    await writeFile(scratch, content, { mode: 0o600, flag: 'wx', flush: true });
    await rename(scratch, path);
  } finally {
    await rm(scratch, { force: true });
  }
}
