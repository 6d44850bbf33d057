import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** Its own tests are in Go, beside it; no figure of ours is worth more than they are. */
test('the load generator sends what it is asked to, and counts what watchers miss', async () => {
  const { stdout } = await run('go', ['test', './...'], { cwd: join(import.meta.dirname, '../../bench/loadgen') });
  expect(stdout).toMatch(/^ok\s+quarterdeck\.dev\/bench\/loadgen\s/);
});
