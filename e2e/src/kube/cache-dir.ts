import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built and unpacked test tools live, outside the repository; survives runs, safe to delete. */
function cacheDir(): string {
  const base =
    process.env.QUARTERDECK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'quarterdeck');
  return base;
}

/** A folder of the cache named by what it holds, created; different inputs never share one. */
export async function cacheFolder(name: string, inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input).update('\0');
  const folder = join(cacheDir(), `${name}-${hash.digest('hex').slice(0, 12)}`);
  await mkdir(folder, { recursive: true });
  return folder;
}
