import type { Figure, Goal } from './figure.ts';
import type { BenchResult } from './result.ts';

const header = ['figure', 'median', 'range', 'goal', ''] as const;

/** One result for a terminal. */
export function resultText(result: BenchResult): string {
  const rows = [[...header], ...result.figures.map(cells)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`${result.id} ${result.bench}: ${describe(result)}`, '', ...lines, ...left(result), ''].join('\n');
}

/** The same for a document. */
export function resultMarkdown(result: BenchResult): string {
  const row = (columns: readonly string[]) => `| ${columns.join(' | ')} |`;
  return [
    `### ${result.id} ${result.bench}`,
    '',
    `${describe(result)}.`,
    '',
    row(header),
    row(header.map(() => '---')),
    ...result.figures.map((each) => row(cells(each))),
    ...left(result),
    '',
  ].join('\n');
}

function describe({ date, commit, dirty, machine, versions, runs, quick, note, setup }: BenchResult): string {
  return [
    `${quick ? 'QUICK, not for the record; ' : ''}${date.slice(0, 10)}`,
    `commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}`,
    `${machine.cpus} CPUs (${machine.cpuModel}), ${Math.round(machine.memoryBytes / 2 ** 30)} GiB`,
    `load ${machine.loadBefore} before`,
    `Node.js ${versions.node}, Linux ${machine.kernel}`,
    `${runs} ${runs === 1 ? 'run' : 'runs'}`,
    ...(setup.pinning === undefined ? [] : [String(setup.pinning)]),
    ...(note === '' ? [] : [note]),
  ].join(', ');
}

const left = (result: BenchResult): string[] =>
  result.left.length === 0 ? [] : ['', `Not measured: ${result.left.join('; ')}.`];

function cells({ name, unit, median, min, max, goal, met }: Figure): string[] {
  const range = min === max ? '' : `${amount(min)} to ${amount(max)}`;
  return [name, `${amount(median)} ${unit}`, range, goalText(goal, unit), met === null ? '' : met ? 'met' : 'MISSED'];
}

function goalText(goal: Goal | null, unit: string): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `at least ${amount(goal.atLeast)} ${unit}` : `at most ${amount(goal.atMost)} ${unit}`;
}

const amount = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
