import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../servers/process.ts';
import type { BenchResult } from './result.ts';
import { resultMarkdown } from './table.ts';

const directory = join(repository, 'bench/results');
const readme = join(repository, 'bench/README.md');
const [begin, end] = ['<!-- results: pnpm bench --table -->', '<!-- end of results -->'];

/** Keeps a result for the record and returns the file's path. */
export async function saveResult(result: BenchResult): Promise<string> {
  const file = join(directory, `${result.bench}-${result.date.slice(0, 10)}.json`);
  await writeFile(file, resultJson(result));
  return file;
}

export const resultJson = (result: BenchResult): string => `${JSON.stringify(result, null, 2)}\n`;

export async function readResult(file: string): Promise<BenchResult> {
  return JSON.parse(await readFile(file, 'utf8')) as BenchResult;
}

/** Writes the newest kept result of each bench, in this order, into the README. @throws Error when it has lost its marks */
export async function writeTable(names: readonly string[]): Promise<void> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.json'));
  const results = await Promise.all(files.map((file) => readResult(join(directory, file))));
  const newest = names.map((name) =>
    results
      .filter(({ bench }) => bench === name)
      .toSorted((a, b) => Date.parse(a.date) - Date.parse(b.date))
      .at(-1),
  );
  const tables = newest.filter((result) => result !== undefined).map(resultMarkdown);
  await writeFile(readme, withTables(await readFile(readme, 'utf8'), tables));
}

/** The document with these tables between its marks. @throws Error without marks */
export function withTables(text: string, tables: readonly string[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`bench/README.md has no place for results: ${begin} ... ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${tables.join('\n')}\n${text.slice(to)}`;
}
