import { readFile } from 'node:fs/promises';
import { decodeYaml, isJsonObject } from '@quarterdeck/machinery';

/**
 * A hub writes its administrator's kubeconfig anew at each start. In a directory that is not its own it would take the place of
 * somebody else's: `--data-dir .` is typed quickly.
 * @throws Error of one line where a file stands that no hub wrote
 */
export async function refuseForeignKubeconfig(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new Error(`${path} cannot be read (${cause.code}): choose another directory with --data-dir`);
  });
  if (text === undefined || isOfHub(text)) return;
  throw new Error(`${path} is not of a hub, which would write its own there: choose another directory with --data-dir`);
}

function isOfHub(text: string): boolean {
  try {
    const { value } = decodeYaml(text);
    return isJsonObject(value) && value['current-context'] === 'quarterdeck';
  } catch {
    return false;
  }
}
