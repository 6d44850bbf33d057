/** `pnpm soak [minutes]`: the property tests over and over, a new seed each time; stops at the first failure. */

import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const minutes = Number(process.argv[2] ?? 10);
const until = Date.now() + minutes * 60_000;

for (let round = 1; Date.now() < until; round++) {
  const seed = String(randomInt(2 ** 31 - 1));
  process.stdout.write(`round ${round}, PBT_SEED=${seed}\n`);
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'unit',
    '--reporter=dot',
    '.prop.test',
  ];
  const env = { ...process.env, PBT_SEED: seed, PBT_RUNS: process.env.PBT_RUNS ?? '1000' };
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) {
    process.stderr.write(`failed; replay with PBT_SEED=${seed} PBT_RUNS=${env.PBT_RUNS}\n`);
    process.exit(1);
  }
}
