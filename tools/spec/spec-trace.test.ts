import { describe, expect, test } from 'vitest';
import { belowRatchet, measureCoverage } from './coverage.ts';
import { parsePage } from './pages.ts';
import { tracedTitles } from './titles.ts';

const page = parsePage(
  'page',
  ['- KA-1 M one thing', '- KA-2 S (a) this (b) that', '- **RL-3** text', '| F-1 | kill | x |'].join('\n'),
);
const fileOf = (source: string) => [{ file: 'x.test.ts', titles: tracedTitles(source) }];

describe('spec:trace', () => {
  test('reads list items and table rows, with level and declared clauses', () => {
    expect(page.requirements).toEqual([
      { id: 'KA-1', level: 'M', clauses: [] },
      { id: 'KA-2', level: 'S', clauses: ['a', 'b'] },
      { id: 'RL-3', level: '-', clauses: [] },
      { id: 'F-1', level: '-', clauses: [] },
    ]);
  });

  test('counts a title of a test, of a table row and of a template', () => {
    const titles = tracedTitles("test('KA-1, KA-2b does', () => {});\n{ name: `RL-3 holds` },\ntest('no id', f);");
    expect(titles.map(({ ids }) => ids)).toEqual([['KA-1', 'KA-2b'], ['RL-3']]);
  });

  test('a skipped test and a commented one cover nothing', () => {
    const { rows } = measureCoverage([page], fileOf("test.skip('KA-1 x', f);\n// test('RL-3 y', f);"), []);
    expect(rows.map(({ covered }) => covered)).toEqual([0, 0, 0]);
  });

  test('a bare ID covers the first clause only', () => {
    const { rows } = measureCoverage([page], fileOf("test('KA-2 x', f)"), []);
    expect(rows.find(({ level }) => level === 'S')).toEqual({ page: 'page', level: 'S', covered: 1, total: 2 });
  });

  test('an unknown ID and a fourth ID are problems', () => {
    const { problems } = measureCoverage([page], fileOf("test('KA-9 x', f); test('KA-1 KA-2 RL-3 F-1 y', f)"), []);
    expect(problems).toHaveLength(2);
  });

  test('less coverage than the ratchet is a failure', () => {
    const coverage = measureCoverage([page], fileOf("test('KA-1 x', f)"), []);
    expect(belowRatchet(coverage, { 'page M': 2 })).toEqual(['page M: 1 requirements covered, 2 before']);
  });
});
