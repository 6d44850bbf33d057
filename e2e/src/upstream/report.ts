import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What became of one upstream test, as its process wrote it when it ended. */
export interface SpecOutcome {
  /** Whole. */
  readonly name: string;
  /** Ginkgo's word: `passed`, `failed`, `skipped`, `panicked`, `timedout`, `interrupted`. */
  readonly state: string;
  readonly seconds: number;
  /** Of a failure, or why it was skipped; else empty. */
  readonly message: string;
}

/** By name: every test that ended. One that took its process with it is not among them. */
export type Outcomes = ReadonlyMap<string, SpecOutcome>;

/** The outcomes in the files that the processes wrote into a directory. */
export async function readOutcomes(dir: string): Promise<Outcomes> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  const outcomes = texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SpecOutcome),
  );
  return new Map(outcomes.map((outcome) => [outcome.name, outcome]));
}
