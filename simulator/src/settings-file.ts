import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SettingsStore } from '@quarterdeck/apiserver';
import { encodeJson, isJsonObject, makeDirectory, parseJson } from '@quarterdeck/machinery';

/** Settings in one file of a directory, readable by its owner alone: the keys of a fleet. One process at a time. */
export async function openSettingsFile(directory: string): Promise<SettingsStore> {
  makeDirectory(directory, 0o700);
  const path = join(directory, 'simulator-settings.json');
  const values = await read(path);
  let writing: Promise<void> = Promise.resolve();

  /** One write after the other, each whole or not at all. */
  function save(): Promise<void> {
    const next = writing.then(async () => {
      await writeFile(`${path}.new`, encodeJson(Object.fromEntries(values)), { mode: 0o600 });
      await rename(`${path}.new`, path);
    });
    writing = next.catch(() => undefined);
    return next;
  }

  return {
    get: async (name) => values.get(name),
    async createOnce(name, value) {
      const existing = values.get(name);
      if (existing !== undefined) return existing;
      values.set(name, value);
      await save();
      return value;
    },
    async put(name, value) {
      values.set(name, value);
      await save();
    },
    async replace(name, seen, value) {
      if (values.get(name) !== seen) return false;
      values.set(name, value);
      await save();
      return true;
    },
  };
}

async function read(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new Error(`${path} does not hold settings`);
  return new Map(Object.entries(value).map(([name, setting]) => [name, String(setting)]));
}
