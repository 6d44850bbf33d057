import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { generatedFiles, generatedFolders } from './files.ts';

/** Brings the files under `root` up to date. Returns the paths that changed; nothing is touched that is the same. */
export async function writeGenerated(root: URL): Promise<{ written: string[]; removed: string[] }> {
  const files = generatedFiles();
  const written: string[] = [];
  for (const folder of generatedFolders) await mkdir(new URL(folder, root), { recursive: true });
  for (const [path, text] of files) {
    if ((await readIfThere(new URL(path, root))) === text) continue;
    await writeFile(new URL(path, root), text);
    written.push(path);
  }
  const removed = (await filesInFolders(root)).filter((path) => !files.has(path));
  for (const path of removed) await rm(new URL(path, root));
  return { written, removed };
}

/** Files in the generated folders, as paths from the root. */
export async function filesInFolders(root: URL): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of generatedFolders) {
    const entries = await readdir(new URL(folder, root), { withFileTypes: true });
    paths.push(...entries.filter((entry) => entry.isFile()).map((entry) => `${folder}/${entry.name}`));
  }
  return paths;
}

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
