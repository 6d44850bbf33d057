import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../storage/embedded/start.ts';

/** A real PostgreSQL for tests. Dispose of it in `afterAll`; the last one to do so stops the server. */
export interface TestPostgres extends AsyncDisposable {
  readonly url: string;
  /** The server itself, for tests that hurt it. */
  readonly server: EmbeddedPostgres;
  /** A schema of its own for each test, named after it, so that tests share the server and nothing else. */
  schema(testName: string): string;
}

let shared: Promise<{ readonly server: EmbeddedPostgres; readonly directory: string }> | undefined;
let users = 0;
const schemas = new Set<string>();

/**
 * One embedded server per test process (vitest: per file), started by whoever asks first, in a temporary directory.
 *
 * @example
 * const postgres = await sharedTestPostgres();
 * afterAll(() => postgres[Symbol.asyncDispose]());
 * test('...', async ({ task }) => {
 *   await using storage = openPostgresStorage({ url: postgres.url, schema: postgres.schema(task.name), clock, logger });
 */
export async function sharedTestPostgres(): Promise<TestPostgres> {
  shared ??= start();
  const { server } = await shared;
  users++;
  let released = false;
  return {
    url: server.url,
    server,
    schema(testName) {
      const words = testName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
      const name = `t_${words.slice(0, 40)}_${createHash('sha256').update(testName).digest('hex').slice(0, 8)}`;
      if (schemas.has(name)) throw new Error(`two tests are called "${testName}": each needs a schema of its own`);
      schemas.add(name);
      return name;
    },
    async [Symbol.asyncDispose]() {
      if (released) return;
      released = true;
      if (--users === 0) await stop();
    },
  };
}

async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'qd-test-'));
  // As root the server runs as another user, who has to get through.
  chmodSync(directory, 0o755);
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'database'),
    sharedDir: join(directory, 'shared'),
    clock: systemClock,
    logger: silentLogger,
  });
  return { server, directory };
}

async function stop(): Promise<void> {
  const running = await shared;
  shared = undefined;
  if (running === undefined) return;
  await running.server[Symbol.asyncDispose]();
  rmSync(running.directory, { recursive: true, force: true });
}
