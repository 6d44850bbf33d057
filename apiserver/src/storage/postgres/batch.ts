import type { Change, Expectation, Revision, StorageKey, Transaction } from '../storage.ts';
import { keyId } from '../transaction.ts';

/** One element of the arrays that write_batch takes. */
export interface Element {
  /** Index of the transaction in the batch. */
  readonly transaction: number;
  readonly kind: 'g' | 'p' | 'd';
  readonly key: StorageKey;
  readonly expect: Expectation;
  readonly body: string;
}

export interface BatchLimits {
  readonly operations: number;
  /** UTF-16 units of bodies. */
  readonly size: number;
}

/** Enough that a round trip is no longer what costs; little enough that nobody waits long behind it. */
export const batchLimits: BatchLimits = { operations: 256, size: 4 * 1024 * 1024 };

/** A long queue for one key must not be walked through for every batch. */
const maxScanned = 1024;

/**
 * Takes from the front of the queue what may run as one batch, and leaves the rest in order. No key occurs in two
 * transactions of a batch unless both only guard it: write_batch judges all of them by the state before. Whoever is
 * left behind for that also holds back those that come after it with one of its keys.
 * @returns at least one transaction, if there is any; one that exceeds the limits alone goes alone
 */
export function takeBatch<T extends { readonly transaction: Transaction }>(queue: T[], limits: BatchLimits): T[] {
  const taken: T[] = [];
  const left: T[] = [];
  const written = new Set<string>();
  const guarded = new Set<string>();
  let operations = 0;
  let size = 0;
  let scanned = 0;
  for (const item of queue) {
    const { transaction } = item;
    const writes = transaction.operations.map((operation) => keyId(operation.key));
    const guards = (transaction.guards ?? []).map((guard) => keyId(guard.key));
    const weight = transaction.operations.reduce((sum, operation) => sum + bodyOf(operation).length, 0);
    const fits =
      taken.length === 0 ||
      (operations + writes.length + guards.length <= limits.operations && size + weight <= limits.size);
    if (!fits || scanned === maxScanned) break;
    scanned++;
    const collides = writes.some((id) => written.has(id) || guarded.has(id)) || guards.some((id) => written.has(id));
    for (const id of writes) written.add(id);
    for (const id of guards) guarded.add(id);
    if (collides) left.push(item);
    else {
      taken.push(item);
      operations += writes.length + guards.length;
      size += weight;
    }
  }
  queue.splice(0, scanned, ...left);
  return taken;
}

type Operation = Transaction['operations'][number];

function bodyOf(operation: Operation): string {
  return operation.type === 'put' ? operation.body : operation.lastBody;
}

/** Guards first, as memory judges them first. */
export function elementsOf(transactions: readonly Transaction[]): Element[] {
  return transactions.flatMap((transaction, index) => [
    ...(transaction.guards ?? []).map(
      ({ key, expect }): Element => ({ transaction: index, kind: 'g', key, expect, body: '' }),
    ),
    ...transaction.operations.map(
      (operation): Element => ({
        transaction: index,
        kind: operation.type === 'put' ? 'p' : 'd',
        key: operation.key,
        expect: operation.expect,
        body: bodyOf(operation),
      }),
    ),
  ]);
}

/** What followers are told of a transaction that committed with its first operation at `first`. */
export function changesOf(transaction: Transaction, first: Revision): Change[] {
  return transaction.operations.map((operation, index) => ({
    type: operation.type,
    key: operation.key,
    revision: first + index,
    body: bodyOf(operation),
  }));
}
