import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const generator = fileURLToPath(new URL('../../tools/gen-builtins/main.ts', import.meta.url));

test('KA-1 the committed tables are those that the generator makes of the pinned Kubernetes modules', () => {
  const run = spawnSync(process.execPath, [generator, '--check'], { encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
});
