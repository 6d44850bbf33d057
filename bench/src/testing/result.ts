import type { Figure } from '../report/figure.ts';
import type { BenchResult } from '../report/result.ts';

/** A result for tests. */
export function resultOf(figures: readonly Figure[], more: Partial<BenchResult> = {}): BenchResult {
  return {
    bench: 'api-crud',
    id: 'BM-1',
    date: '2026-01-02T03:04:05.000Z',
    quick: false,
    runs: 5,
    note: '',
    commit: '0123456789abcdef0123456789abcdef01234567',
    dirty: false,
    machine: { cpus: 2, cpuModel: 'Test CPU', memoryBytes: 24 * 2 ** 30, kernel: '6.18.0', loadBefore: 0.1 },
    versions: { node: '24.0.0' },
    setup: {},
    figures,
    left: [],
    ...more,
  };
}
