import { expect, test } from 'vitest';
import { comparisonPage } from './comparison-page.ts';

const figure = (name: string, unit: string, median: number) => ({
  name,
  unit,
  median,
  min: 1,
  max: 2000,
  goal: null,
  met: null,
});
const kept = {
  bench: 'api-crud',
  date: '2026-01-02T03:04:05Z',
  quick: false,
  runs: 3,
  note: 'quiet',
  commit: '0123456789abcdef',
  machine: { cpus: 2, cpuModel: 'M', memoryBytes: 8 * 2 ** 30 },
  versions: { node: '24.0.0' },
  setup: { clients: 32, workBytes: 4600, storage: 'PostgreSQL', pinning: 'server on CPU 0, load on CPU 1' },
  figures: [
    figure('quarterdeck create', 'ops/s', 1234.5),
    figure('kube-apiserver create', 'ops/s', 300),
    { ...figure('create, times kube-apiserver', 'x', 4.115), goal: { atLeast: 4 }, met: true },
  ],
};

test('BM-1 hub and kube-apiserver stand side by side, with machine and commit', () => {
  const page = comparisonPage({ crud: kept, lists: undefined, watches: undefined });
  expect(page).toContain('at commit `0123456789ab`');
  expect(page).toContain('2 CPUs (M), 8 GiB; Node.js 24.0.0. Note: quiet.');
  expect(page).toContain('taking turns: server on CPU 0, load on CPU 1.');
  expect(page).toContain('| create | 1230 (1 to 2000) | 300 (1 to 2000) | 4.12 |');
  expect(page).toContain('| create, times kube-apiserver | 4.12 x | at least 4 x | yes |');
  expect(page).not.toContain('## Lists');
});

test('lists and watches stand side by side where they were measured; what only the hub carries has an empty cell', () => {
  const lists = {
    ...kept,
    setup: { load: 'Go', pinning: 'apart' },
    figures: [
      { ...figure('quarterdeck N=10 full, 1 at once', 'MB/s', 171), goal: { atLeast: 150 }, met: true },
      figure('quarterdeck N=10 full, 1 at once: first byte p50', 'ms', 1.5),
      figure('quarterdeck N=10 full, 1 at once: memory above rest', 'MB', 3),
      figure('kube-apiserver N=10 full, 1 at once', 'MB/s', 33),
    ],
  };
  const [, section = ''] = comparisonPage({ crud: kept, lists, watches: undefined }).split('## Lists');
  expect(section).toContain('- apart; Go.');
  expect(section).toContain('| N=10 full, 1 at once | 171 | 33 | 1.5 |  | 3 |  |');
  expect(section).toContain('| quarterdeck N=10 full, 1 at once | 171 MB/s | at least 150 MB/s | yes |');
});
