import type { Change, WriteOperation } from '../storage/storage.ts';
import { keyId } from '../storage/transaction.ts';
import type { Entry } from './store.ts';

/** Writes of this process that want to see their entry before anyone else does. */
export interface ExpectedPuts {
  /** Until disposed of. Of two writes of one key at a time, the later one alone is told. */
  expect(operation: WriteOperation | undefined, onPut: ((entry: Entry) => void) | undefined): Disposable;
  /** A change is in the cache, as this entry. */
  arrived(change: Change, entry: Entry): void;
}

interface Expected {
  readonly body: string;
  readonly onPut: (entry: Entry) => void;
}

export function createExpectedPuts(): ExpectedPuts {
  const puts = new Map<string, Expected>();
  return {
    expect(operation, onPut) {
      if (operation?.type !== 'put' || onPut === undefined) return nothing;
      const id = keyId(operation.key);
      const put = { body: operation.body, onPut };
      puts.set(id, put);
      return {
        [Symbol.dispose]() {
          if (puts.get(id) === put) puts.delete(id);
        },
      };
    },
    arrived({ type, key, body }, entry) {
      if (puts.size === 0 || type !== 'put') return;
      const put = puts.get(keyId(key));
      // Another process may have written the key meanwhile.
      if (put?.body === body) put.onPut(entry);
    },
  };
}

const nothing: Disposable = { [Symbol.dispose]() {} };
