import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageOf } from './output.ts';

const caught = async (work: Promise<unknown>): Promise<Error> =>
  await work.then(
    () => new Error('it was done'),
    (error: Error) => error,
  );

test('what the system says about a file is told in words, once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-'));
  const file = join(dir, 'file');
  await writeFile(file, '');
  const absent = await caught(readFile(join(dir, 'absent')));
  expect(messageOf(absent)).toBe(`${dir}/absent is not there, or the directory that it is in`);
  expect(messageOf(await caught(readFile(dir)))).toMatch(/^EISDIR/);
  expect(messageOf(await caught(readFile(join(file, 'below'))))).toBe(
    `${file}/below has a file in its path where a directory must be`,
  );
  expect(messageOf(new Error('the key cannot be read', { cause: absent }))).toBe(
    `the key cannot be read: ${dir}/absent is not there, or the directory that it is in`,
  );
  expect(messageOf(new Error(`there is no file ${dir}/absent`, { cause: absent }))).toBe(
    `there is no file ${dir}/absent`,
  );
  await rm(dir, { recursive: true });
});

test('a cause is told where it adds something', () => {
  const cause = new Error('connection refused');
  expect(messageOf(new Error('the hub is away', { cause }))).toBe('the hub is away: connection refused');
  expect(messageOf(new Error('the hub is away (connection refused)', { cause }))).toBe(
    'the hub is away (connection refused)',
  );
  expect(messageOf('thrown')).toBe('thrown');
});
