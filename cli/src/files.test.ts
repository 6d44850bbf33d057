import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSecretFile } from './files.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-files-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('SEC-12 a file that others may read is replaced by one that its owner alone reads', async () => {
  const file = join(dir, 'kubeconfig');
  await writeFile(file, 'old', { mode: 0o644 });
  await chmod(file, 0o644);
  await writeSecretFile(file, 'secret');
  expect([await readFile(file, 'utf8'), await modeOf(file), await readdir(dir)]).toEqual([
    'secret',
    0o600,
    ['kubeconfig'],
  ]);
});

test('SEC-12 nothing is written through what somebody planted beside it', async () => {
  const file = join(dir, 'kubeconfig');
  const other = join(dir, 'other');
  await writeFile(other, 'theirs');
  await symlink(other, `${file}.${process.pid}.tmp`);
  await writeSecretFile(file, 'secret');
  expect([await readFile(other, 'utf8'), await readFile(file, 'utf8'), await modeOf(file)]).toEqual([
    'theirs',
    'secret',
    0o600,
  ]);
});

test('SEC-12 what is no file stays what it is', async () => {
  const folder = join(dir, 'folder');
  await mkdir(folder);
  await expect(writeSecretFile(folder, 'secret')).rejects.toThrow(`${folder} is no file`);
  expect(await readdir(dir)).toEqual(['folder']);
});
