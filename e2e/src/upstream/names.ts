import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamDir } from './binaries.ts';

/** Why a test may fail; there are no other reasons. */
export const exceptionReasons = [
  'needs a running pod',
  'needs a node',
  'needs a workload controller',
  'needs an API that is off by default in 1.35',
] as const;
export type ExceptionReason = (typeof exceptionReasons)[number];

/** What must become of each upstream test; names are whole, as Ginkgo prints them. */
export interface Expectations {
  readonly passing: readonly string[];
  readonly exceptions: ReadonlyMap<string, ExceptionReason>;
}

/** @throws Error naming each line that is wrong */
export async function readExpectations(dir: string = upstreamDir): Promise<Expectations> {
  const [passing, exceptions] = await Promise.all(
    ['passing.txt', 'exceptions.txt'].map((file) => readFile(join(dir, file), 'utf8')),
  );
  return parseExpectations(passing ?? '', exceptions ?? '');
}

/**
 * @param passing a name a line
 * @param exceptions name, tab, reason; empty lines and those that start with `#` are comments in both
 * @throws Error naming each line that is wrong
 */
export function parseExpectations(passing: string, exceptions: string): Expectations {
  const names = contentOf(passing);
  const rows = contentOf(exceptions).map((line) => line.split('\t'));
  const all = [...names, ...rows.map(([name = '']) => name)];
  const problems = [
    ...all.filter((name, index) => all.indexOf(name) !== index).map((name) => `listed twice: ${name}`),
    ...all.filter((name) => !name.startsWith('[')).map((name) => `not a whole name: ${name}`),
    ...rows
      .filter(([, reason = '']) => !isReason(reason))
      .map(([name = '', reason = '']) => `"${reason}" is no reason for an exception: ${name}`),
  ];
  if (problems.length > 0) throw new Error(`the lists of upstream tests are wrong:\n${problems.join('\n')}`);
  return {
    passing: names,
    exceptions: new Map(rows.map(([name = '', reason = '']) => [name, reason as ExceptionReason])),
  };
}

const isReason = (text: string) => (exceptionReasons as readonly string[]).includes(text);

function contentOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** The special interest group a test belongs to: `sig-auth`. */
export function groupOf(name: string): string {
  return /^\[([^\]]+)\]/.exec(name)?.[1] ?? '';
}
