import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runGate } from './scratch.ts';

const reporter = join(import.meta.dirname, '../src/tiers/unhandled-errors.ts');
const file = 'machinery/src/planted.test.ts';
const planted = {
  [file]: `
import { test } from 'vitest';
test('leaves a promise that nobody awaits', async () => {
  void Promise.reject(new Error('a stray failure'));
  await new Promise((resolve) => setTimeout(resolve, 1));
});
`,
};

test('an error that no test caught is told to `pnpm test`, with the file that ran then', () => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), 'quarterdeck-gate-'));
  const told = join(scratch.path, 'unhandled.json');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', `--reporter=${reporter}`];
  const config = ['vitest.config.ts', 'tools/vitest-setup.ts'];
  const { refused, output } = runGate([...vitest, `--outputFile.unhandled=${told}`, file], config, planted);
  expect(refused, output).toBe(true);
  const message = expect.stringContaining('Error: a stray failure') as string;
  expect(JSON.parse(readFileSync(told, 'utf8'))).toEqual([{ file: expect.stringContaining(file), message }]);
});
