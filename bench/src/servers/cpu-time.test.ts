import { expect, test } from 'vitest';
import { type ProcessRow, parseStat, treeCpuSeconds } from './cpu-time.ts';

test('a line of /proc is read, whatever the name of the process is', () => {
  const stat = '42 (odd) name (x) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 25 75 20 0 11 0 1000 1000000 500';
  expect(parseStat(stat)).toEqual({ pid: 42, parent: 7, name: 'odd) name (x', cpuSeconds: 3 });
});

test('CPU time is that of the roots and all below them, each once', () => {
  const row = (pid: number, parent: number, cpuSeconds: number): ProcessRow => ({ pid, parent, name: 'p', cpuSeconds });
  // A grandchild may stand before its parent.
  const table = [row(30, 20, 4), row(1, 0, 100), row(10, 1, 1), row(20, 10, 2), row(40, 1, 8)];
  expect(treeCpuSeconds(table, [10])).toBe(7);
  expect(treeCpuSeconds(table, [10, 20, 40])).toBe(15);
  expect(treeCpuSeconds(table, [99])).toBe(0);
});
