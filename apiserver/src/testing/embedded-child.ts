import { createLogger, systemClock } from '@quarterdeck/machinery';
import { startEmbeddedPostgres } from '../storage/embedded/start.ts';
import { openPostgresStorage } from '../storage/postgres/open.ts';

/**
 * A hub of sorts for tests that kill it: starts the embedded database on the data directory in its first argument (the
 * second: `sharedDir`), says `ready <json>`, writes without end, says each revision once it is acknowledged, and stops
 * in order when its input ends. A start that fails is said as `failed <message>`.
 */
const [dataDir = '', sharedDir = ''] = process.argv.slice(2);
const logger = createLogger({ level: 'error' });

const database = await startEmbeddedPostgres({ dataDir, sharedDir, clock: systemClock, logger }).catch(
  (cause: Error) => {
    console.log(`failed ${cause.message}`);
    process.exit(1);
  },
);
const storage = openPostgresStorage({ url: database.url, clock: systemClock, logger });
await storage.snapshot().then((snapshot) => snapshot[Symbol.asyncDispose]());
const { url, location, runsAs, pid } = database;
console.log(`ready ${JSON.stringify({ url, location, runsAs, pid })}`);

let writing = process.stdin.readable;
process.stdin.on('end', () => {
  writing = false;
});
process.stdin.resume();
for (let n = 0; writing; n++) {
  const key = { resource: 'configmaps', namespace: `of-${process.pid}`, name: `n${n}` };
  const { revisions } = await storage.write({ operations: [{ type: 'put', key, body: 'b', expect: 'absent' }] });
  console.log(`wrote ${revisions[0]}`);
}
await storage[Symbol.asyncDispose]();
await database[Symbol.asyncDispose]();
process.exit(0);
