import { expect, test } from 'vitest';
import { resultOf } from '../testing/result.ts';
import { figure } from './figure.ts';
import { resultMarkdown, resultText } from './table.ts';

const figures = [
  figure('create', 'ops/s', [1234, 1200, 1300], { atLeast: 2000 }),
  figure('create p99', 'ms', [41.5], { atMost: 100 }),
  figure('client CPU', 'cores', [0.25]),
];

test('a missed goal says so in the table for documents', () => {
  const left = ['kube-apiserver: no Go'];
  expect(resultMarkdown(resultOf(figures, { dirty: true, note: 'machine shared', left }))).toBe(
    `### BM-1 api-crud

2026-01-02, commit 0123456789ab with changes, 2 CPUs (Test CPU), 24 GiB, load 0.1 before, Node.js 24.0.0, Linux 6.18.0, 5 runs, machine shared.

| figure | median | range | goal |  |
| --- | --- | --- | --- | --- |
| create | 1,234 ops/s | 1,200 to 1,300 | at least 2,000 ops/s | MISSED |
| create p99 | 41.5 ms |  | at most 100 ms | met |
| client CPU | 0.25 cores |  |  |  |

Not measured: kube-apiserver: no Go.
`,
  );
});

test('who had which CPU is said', () => {
  const setup = { clients: 32, pinning: 'server on CPU 0, load on CPU 1' };
  expect(resultMarkdown(resultOf(figures, { setup }))).toContain(
    'Linux 6.18.0, 5 runs, server on CPU 0, load on CPU 1.\n',
  );
});

test('a terminal gets the same in columns, and a quick run says that it is none for the record', () => {
  expect(resultText(resultOf(figures, { quick: true, runs: 1 }))).toBe(
    `BM-1 api-crud: QUICK, not for the record; 2026-01-02, commit 0123456789ab, 2 CPUs (Test CPU), 24 GiB, load 0.1 before, Node.js 24.0.0, Linux 6.18.0, 1 run

figure      median       range           goal
create      1,234 ops/s  1,200 to 1,300  at least 2,000 ops/s  MISSED
create p99  41.5 ms                      at most 100 ms        met
client CPU  0.25 cores
`,
  );
});
