import type { Storage } from '../storage/storage.ts';

export interface TimedCall {
  readonly operation: 'snapshot' | 'write' | 'latestRevision' | 'compact';
  readonly result: 'success' | 'error';
  readonly ms: number;
}

/** A storage that reports how long its calls take; otherwise the given one, to which it leaves everything. KA-20 */
export function timeStorage(storage: Storage, monotonic: () => number, report: (call: TimedCall) => void): Storage {
  async function time<T>(operation: TimedCall['operation'], call: () => Promise<T>): Promise<T> {
    const started = monotonic();
    let result: TimedCall['result'] = 'error';
    try {
      const value = await call();
      result = 'success';
      return value;
    } finally {
      report({ operation, result, ms: monotonic() - started });
    }
  }
  return {
    snapshot: (signal) => time('snapshot', () => storage.snapshot(signal)),
    write: (transaction, signal) => time('write', () => storage.write(transaction, signal)),
    follow: (from, sink) => storage.follow(from, sink),
    latestRevision: (signal) => time('latestRevision', () => storage.latestRevision(signal)),
    compact: (upTo) => time('compact', () => storage.compact(upTo)),
    settings: storage.settings,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}
