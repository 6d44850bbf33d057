import { describe, expect, test } from 'vitest';
import { belowRatchet, measureCoverage } from './coverage.ts';
import { parsePage } from './pages.ts';
import { tracedTitles } from './titles.ts';

const lines = ['- KA-1 M one thing', '- KA-2 S: (a) this (b) L: that', '- **RL-3** text (s)', '| F-1 | kill | x |'];
const gaps = ['', '## Gaps', '', '| id | why |', '| --- | --- |', '| KA-1, KA-2a, KA-2b | x |', '| RL-3, F-1 | KA-8 |'];
const page = parsePage('page', [...lines, ...gaps].join('\n'));
const prefixes = new Set(['KA', 'RL', 'F']);
const titlesOf = (source: string) => tracedTitles(source, prefixes);
const fileOf = (source: string) => [{ file: 'x.test.ts', titles: titlesOf(source) }];
const problemsOf = (source: string, of = page) => measureCoverage([of], fileOf(source), ['PL']).problems;

describe('the pages', () => {
  test('list items and table rows are read, with level and declared clauses', () => {
    expect(page.requirements).toEqual([
      { id: 'KA-1', level: 'M', clauses: [] },
      {
        id: 'KA-2',
        level: 'S',
        clauses: [
          { letter: 'a', level: 'S' },
          { letter: 'b', level: 'L' },
        ],
      },
      { id: 'RL-3', level: '-', clauses: [] },
      { id: 'F-1', level: '-', clauses: [] },
    ]);
  });

  test('gaps are the first column of their table, and declare nothing', () => {
    expect(page.gaps).toEqual(['KA-1', 'KA-2a', 'KA-2b', 'RL-3', 'F-1']);
  });

  test('an ID that is declared twice, or is a gap without being declared, is a problem', () => {
    const bad = parsePage('bad', [...lines, lines[0], ...gaps, '| KA-2, KA-9 | x |'].join('\n'));
    expect(problemsOf('', bad)).toEqual([
      'bad: KA-1 is declared twice',
      'bad: the gaps name KA-2, which no page of docs/spec declares',
      'bad: the gaps name KA-9, which no page of docs/spec declares',
    ]);
  });
});

describe('the titles', () => {
  test.each([
    { what: 'of a test', source: "test('KA-1, KA-2b does', () => {});", ids: [['KA-1', 'KA-2b']] },
    { what: 'of a table row', source: '{ name: `RL-3 holds` },', ids: [['RL-3']] },
    { what: 'after a table', source: "test.each([f(1), (2)])('KA-1 %s', f);", ids: [['KA-1']] },
    { what: 'after a condition', source: "it.skipIf(a(b()))(\n  'KA-1 x',", ids: [['KA-1']] },
    { what: 'without an ID', source: "test('no id', f);", ids: [] },
    { what: 'in a comment', source: "// test('RL-3 y', f);", ids: [] },
    {
      what: 'with names that only look like IDs',
      source: "test('SHA-1 x', f); test('KA-1 UTF-16 F-1', f);",
      ids: [['KA-1']],
    },
  ])('$what', ({ source, ids }) => {
    expect(titlesOf(source).map((title) => title.ids)).toEqual(ids);
  });

  test('skipped tests are seen as such, the ones after them not', () => {
    const source = "test.skip('KA-1 x', f); test.todo.each([1])('KA-2 x', f); test('RL-3 y', f); [{ name: 'F-1 z' }]";
    expect(titlesOf(source).map(({ skipped }) => skipped)).toEqual([true, true, false, false]);
  });
});

describe('the coverage', () => {
  test('a skipped test covers nothing', () => {
    const { rows } = measureCoverage([page], fileOf("test.skip('KA-1 x', f);"), []);
    expect(rows.map(({ covered }) => covered)).toEqual([0, 0, 0, 0]);
  });

  test('a bare ID covers the first clause only, a clause counts with its own level', () => {
    const { rows, missing, closedGaps } = measureCoverage([page], fileOf("test('KA-2 x', f)"), []);
    expect(rows).toEqual([
      { page: 'page', level: 'M', covered: 0, total: 1 },
      { page: 'page', level: 'S', covered: 1, total: 1 },
      { page: 'page', level: 'L', covered: 0, total: 1 },
      { page: 'page', level: '-', covered: 0, total: 2 },
    ]);
    expect(missing.map(({ id }) => id)).toEqual(['KA-1', 'KA-2b', 'RL-3', 'F-1']);
    expect(closedGaps).toEqual(['KA-2a']);
  });

  test('what has no test and is no admitted gap is a problem', () => {
    const silent = parsePage('silent', lines.slice(0, 2).join('\n'));
    expect(problemsOf("test('KA-1 x', f); test('KA-2a y', f)", silent)).toEqual([
      "silent: KA-2b has no test, and the page's gaps do not say so",
    ]);
  });

  test('an unknown ID and a fourth ID are problems, an ID of a later page is none', () => {
    expect(problemsOf("test('KA-9 x', f); test('KA-1 KA-2 RL-3 F-1 y', f); test('PL-1 z', f)")).toEqual([
      'x.test.ts: "KA-9 x" names KA-9, which no page of docs/spec declares',
      'x.test.ts: "KA-1 KA-2 RL-3 F-1 y" names more than three requirements',
    ]);
  });

  test('less coverage than the ratchet is a failure', () => {
    const coverage = measureCoverage([page], fileOf("test('KA-1 x', f)"), []);
    expect(belowRatchet(coverage, { 'page M': 2 })).toEqual(['page M: 1 requirements covered, 2 before']);
  });
});
