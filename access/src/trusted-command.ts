import { stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { AccessError } from './errors.ts';

/** The bit by which everybody may write a file. */
const writableByAll = 0o002;

/**
 * Refuses a plugin that everybody on the machine may rewrite: it gets the consumer's identity, environment and files. What
 * is not found, or may not be looked at, is left to whoever starts it. CP-38
 * @param command as it will be started: a path, or a name that is looked up on PATH
 * @throws AccessError
 */
export async function requireTrusted(command: string, path: string | undefined): Promise<void> {
  const candidates = command.includes('/')
    ? [command]
    : (path ?? '').split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, command)]));
  for (const file of candidates) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    if ((found.mode & writableByAll) === 0) return;
    throw new AccessError(`${file} may be written by everybody on this machine: take that right away (chmod o-w)`);
  }
}
