import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedFiles } from './files.ts';
import { filesInFolders } from './write.ts';

const root = new URL('../../../', import.meta.url);

test.each([...generatedFiles()])('%s is as pnpm gen writes it', async (path, text) => {
  expect(await readFile(new URL(path, root), 'utf8')).toBe(text);
});

test('nothing but generated files stands in crds/', async () => {
  const files = generatedFiles();
  expect((await filesInFolders(root)).filter((path) => !files.has(path))).toEqual([]);
});
