/**
 * `pnpm soak [minutes]`: the proofs that are too long for every change, then the property tests over and over for so many
 * minutes, a new seed each time. Stops at the first failure. `pnpm soak --only-properties [minutes]` leaves the first part out.
 */

import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values: flags, positionals } = parseArgs({
  options: { 'only-properties': { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** Kubernetes' own suite with the tests that may fail, some of which wait ten minutes before they do; all of kubectl. */
const proofs: readonly (readonly string[])[] = [
  ['e2e/src/upstream/main.ts', '--exceptions'],
  ['e2e/src/kubectl/main.ts'],
];

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } } as const;
  return spawnSync(process.execPath, [...args], options).status === 0;
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

for (const [script = '', ...args] of flags['only-properties'] ? [] : proofs) {
  const shown = ['node', script, ...args].join(' ');
  process.stdout.write(`${shown}\n`);
  if (!run([join(root, script), ...args])) fail(`failed; try again with ${shown}`);
}

const until = Date.now() + Number(positionals[0] ?? 10) * 60_000;
for (let round = 1; Date.now() < until; round++) {
  const seed = String(randomInt(2 ** 31 - 1));
  const runs = process.env.PBT_RUNS ?? '1000';
  process.stdout.write(`round ${round}, PBT_SEED=${seed}\n`);
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', '--reporter=dot'];
  if (!run([...vitest, '.prop.test'], { PBT_SEED: seed, PBT_RUNS: runs })) {
    fail(`failed; replay with PBT_SEED=${seed} PBT_RUNS=${runs}`);
  }
}
