import { expect, test } from 'vitest';
import { comparisonPage } from './comparison-page.ts';

test('BM-1 hub and kube-apiserver stand side by side, with machine and commit', () => {
  const figure = (name: string, unit: string, median: number) => ({
    name,
    unit,
    median,
    min: 1,
    max: 2000,
    goal: null,
    met: null,
  });
  const page = comparisonPage({
    bench: 'api-crud',
    date: '2026-01-02T03:04:05Z',
    quick: false,
    runs: 3,
    note: 'quiet',
    commit: '0123456789abcdef',
    machine: { cpus: 2, cpuModel: 'M', memoryBytes: 8 * 2 ** 30 },
    versions: { node: '24.0.0' },
    setup: { clients: 32, workBytes: 4600, storage: 'PostgreSQL' },
    figures: [
      figure('quarterdeck create', 'ops/s', 1234.5),
      figure('kube-apiserver create', 'ops/s', 300),
      { ...figure('create, times kube-apiserver', 'x', 4.115), goal: { atLeast: 4 }, met: true },
    ],
  });
  expect(page).toContain('at commit `0123456789ab`');
  expect(page).toContain('2 CPUs (M), 8 GiB; Node.js 24.0.0. Note: quiet.');
  expect(page).toContain('| create | 1230 (1 to 2000) | 300 (1 to 2000) | 4.12 |');
  expect(page).toContain('| create, times kube-apiserver | 4.12 x | at least 4 x | yes |');
});
