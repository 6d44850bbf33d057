import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quarterdeck, repository } from './harness/quarterdeck.ts';
import { run } from './harness/run.ts';
import { tempDir } from './harness/temp-dir.ts';

/** The command of the README, as a newcomer types it, in a directory of its own. */

const demo = (cwd: string, ...args: string[]) =>
  quarterdeck(['demo', '--once', '--port', '0', ...args], { cwd, timeoutMs: 120_000 });

test('RG-2, PL-34 demo --once brings up a fleet, says why each cluster was chosen, and ends with 0; again it resumes', async () => {
  await using dir = await tempDir();
  const first = await demo(dir.path);
  expect(first.stderr).toBe('');
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/m1 +yes +True +True/);
  expect(first.stdout).toMatch(/m2 +no +- +- +it has no label tier/);
  expect(first.stdout).toMatch(/m3 +yes +True +True/);
  expect(first.stdout).toContain('simulated');
  expect(first.stdout).toMatch(/ready after +\d/);

  const second = await demo(dir.path);
  const why = /m1 +yes +True +True +it fits and was chosen: its labels have tier=gold/;
  expect([first, second].map(({ code, stdout }) => [code, why.test(stdout)])).toEqual([
    [0, true],
    [0, true],
  ]);
});

test('DL-48 demo --members kube --once does the same on real API servers', async () => {
  await using dir = await tempDir();
  const { code, stdout, stderr } = await demo(dir.path, '--members', 'kube', '--clusters', '2');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('real kube-apiservers');
});

test('the bundle brings up a fleet as the sources do', async () => {
  await using dir = await tempDir();
  const out = join(dir.path, 'dist');
  const bundled = await run(process.execPath, [join(repository, 'tools/bundle.ts'), out]);
  expect({ code: bundled.code, stderr: bundled.stderr }).toEqual({ code: 0, stderr: '' });
  const args = [join(out, 'quarterdeck.mjs'), 'demo', '--once', '--port', '0'];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: dir.path, timeoutMs: 120_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/m1 +yes +True +True/);
});

test('a port that is in use is one clear line, and exit code 1', async () => {
  await using dir = await tempDir();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { code, stderr } = await quarterdeck(['demo', '--once', '--port', port], { cwd: dir.path, timeoutMs: 60_000 });
  taken.close();
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(`${port} is in use by another program: choose another port with --port`);
});

test('a directory in which no data can be kept is one clear line, and exit code 1', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, '.quarterdeck'), '');
  const { code, stderr } = await demo(dir.path);
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('the demo keeps its data below this directory: start it in one that you can write to');
});
