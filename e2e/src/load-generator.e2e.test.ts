import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './harness/quarterdeck.ts';
import { run } from './harness/run.ts';

/** Its own tests are in Go, beside it; no figure of ours is worth more than they are. */
test('the load generator sends what it is asked to, and counts what watchers miss', async () => {
  const cwd = join(repository, 'bench/loadgen');
  const { code, stdout, stderr } = await run('go', ['test', './...'], { cwd, timeoutMs: 180_000 });
  expect({ code, said: stdout + stderr }).toEqual({
    code: 0,
    said: expect.stringMatching(/^ok\s+quarterdeck\.dev\/bench\/loadgen\s/m),
  });
});
