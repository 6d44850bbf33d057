import type { KeptFigure, KeptResult } from './kept-results.ts';

/** A table with a row for each thing that was measured, and two columns, the hub's and the other's, for each of its figures. */
export interface SectionShape {
  /** Head of the first column. */
  readonly rows: string;
  /** Head -> what the figure's name ends with, after the thing's. The one that ends with nothing says what things there are. */
  readonly columns: Readonly<Record<string, string>>;
}

const [ours, theirs] = ['quarterdeck ', 'kube-apiserver '] as const;

/** A section of docs/comparison.md, as lines; none without a result. */
export function comparisonSection(title: string, result: KeptResult | undefined, shape: SectionShape): string[] {
  if (result === undefined) return [];
  const byName = new Map(result.figures.map((figure) => [figure.name, figure]));
  const shown = (name: string) => {
    const found = byName.get(name);
    return found === undefined ? '' : number(found.median);
  };
  const columns = Object.entries(shape.columns);
  const things = result.figures
    .map(({ name }) => name)
    .filter((name) => name.startsWith(ours) && !name.includes(': '))
    .map((name) => name.slice(ours.length));
  const heads = columns.flatMap(([head]) => [`hub, ${head}`, `kube-apiserver, ${head}`]);
  const row = (thing: string) =>
    [thing, ...columns.flatMap(([, end]) => [shown(`${ours}${thing}${end}`), shown(`${theirs}${thing}${end}`)])].join(
      ' | ',
    );
  return [
    `## ${title}`,
    '',
    ...circumstances(result),
    `- ${String(result.setup.pinning ?? 'CPUs shared by server and load')}; ${String(result.setup.load ?? '')}.`,
    '',
    `| ${[shape.rows, ...heads].join(' | ')} |`,
    `|${'---|'.repeat(heads.length + 1)}`,
    ...things.map((thing) => `| ${row(thing)} |`),
    '',
    '| goal | median | goal | met |',
    '|---|---|---|---|',
    ...goalRows(result.figures.filter(({ goal }) => goal !== null)),
    '',
  ];
}

/** When and where a result was made. */
export function circumstances({ date, commit, runs, machine, versions, note }: KeptResult): string[] {
  const memory = Math.round(machine.memoryBytes / 2 ** 30);
  return [
    `- Measured ${date.slice(0, 10)} at commit \`${commit.slice(0, 12)}\`, the median of ${runs} ${runs === 1 ? 'run' : 'runs'}.`,
    `- Machine: ${machine.cpus} CPUs (${machine.cpuModel}), ${memory} GiB; Node.js ${versions.node}. ${note === '' ? '' : `Note: ${note}.`}`.trimEnd(),
  ];
}

export function goalRows(figures: readonly KeptFigure[]): string[] {
  return figures.map(({ name, unit, median, goal, met }) => {
    const bound = goal?.atLeast === undefined ? `at most ${goal?.atMost}` : `at least ${goal.atLeast}`;
    return `| ${name} | ${number(median)} ${unit} | ${bound} ${unit} | ${met === true ? 'yes' : 'no'} |`;
  });
}

/** Three figures are enough. */
export const number = (value: number): string => String(Number(value.toPrecision(3)));
