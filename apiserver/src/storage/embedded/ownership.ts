import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';
import { identityOf, type Location } from './location.ts';

const pidFile = 'hub.pid';

/**
 * Makes this process the only owner of a location, until it ends: a socket in the kernel's abstract name space, which
 * vanishes with its process however that ends, so there is no stale lock to judge. The file next to the data only tells
 * the others who it is.
 * @throws EmbeddedDatabaseError naming the process that has it
 */
export async function own(location: Location): Promise<Disposable> {
  const file = join(location.path, pidFile);
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, `\0quarterdeck-${identityOf(location.path)}`);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
    // Without the cause: its message holds the socket's name, which begins with a zero byte.
    throw new EmbeddedDatabaseError(
      `the data directory ${location.dataDir} is in use by the running process ${readPid(file)}: stop that one first`,
    );
  }
  server.unref();
  writeFileSync(file, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      rmSync(file, { force: true });
      server.close();
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'that is just starting';
  }
}
