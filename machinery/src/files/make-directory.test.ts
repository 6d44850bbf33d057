import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeDirectory } from './make-directory.ts';

const scratch = mkdtempSync(join(tmpdir(), 'make-directory-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const codeOf = (path: string) => {
  try {
    makeDirectory(path);
    return 'made';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test('SEC-12 all that is missing is made, for its owner alone; what is there stays', () => {
  const path = join(scratch, 'a', 'b', 'c');
  for (let time = 0; time < 2; time++) makeDirectory(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('where nothing can be made that is said, and not tried for ever', () => {
  writeFileSync(join(scratch, 'file'), '');
  expect([codeOf('/proc/quarterdeck/data'), codeOf(join(scratch, 'file')), codeOf(join(scratch, 'file', 'x'))]).toEqual(
    ['ENOENT', 'EEXIST', 'ENOTDIR'],
  );
});
