import {
  type Expectation,
  ExpectationFailedError,
  InvalidTransactionError,
  type Revision,
  type StorageKey,
  type Transaction,
} from './storage.ts';

/** More operations than any caller has reason to commit together; what PostgreSQL takes in one statement is 65,535. */
const maxOperations = 10_000;

/** What an index of PostgreSQL takes, with room to spare; Kubernetes names are far shorter. */
const maxKeyBytes = 2_000;

/** One string for one key. U+0000 cannot occur in a part, so no two keys share an id. */
export function keyId(key: StorageKey): string {
  return `${key.resource}\0${key.namespace}\0${key.name}`;
}

/**
 * Refuses what could not be stored, or would be read differently by two databases: no operation, more than
 * {@link maxOperations}, a key twice or one beyond 2,000 bytes, U+0000 or a lone surrogate in a key or body (PostgreSQL has neither). BI-6
 * @throws InvalidTransactionError
 */
export function checkTransaction(transaction: Transaction): void {
  const { operations, guards = [] } = transaction;
  if (operations.length === 0) throw new InvalidTransactionError('a transaction needs at least one operation');
  if (operations.length + guards.length > maxOperations) {
    throw new InvalidTransactionError(`a transaction has at most ${maxOperations} operations and guards`);
  }
  const seen = new Set<string>();
  for (const { key } of [...operations, ...guards]) {
    checkText(key.resource, 'a resource');
    checkText(key.namespace, 'a namespace');
    checkText(key.name, 'a name');
    const id = keyId(key);
    if (id.length * 3 > maxKeyBytes && Buffer.byteLength(id) > maxKeyBytes) {
      throw new InvalidTransactionError(`a key of ${key.resource} is longer than ${maxKeyBytes} bytes`);
    }
    if (seen.has(id)) throw new InvalidTransactionError(`${key.resource} ${key.namespace}/${key.name} occurs twice`);
    seen.add(id);
  }
  for (const operation of operations) {
    checkText(operation.type === 'put' ? operation.body : operation.lastBody, 'a body');
    if (operation.type === 'delete' && operation.expect === 'absent') {
      throw new InvalidTransactionError('a delete cannot expect its key to be absent');
    }
  }
}

function checkText(text: string, what: string): void {
  if (text.includes('\0')) throw new InvalidTransactionError(`${what} holds U+0000`);
  if (!text.isWellFormed()) throw new InvalidTransactionError(`${what} holds a lone surrogate`);
}

/** @returns the error to reject with, or undefined when what was found is as expected */
export function judge(key: StorageKey, expect: Expectation, found: Revision | undefined) {
  const holds =
    expect === 'absent' ? found === undefined : expect === 'present' ? found !== undefined : found === expect;
  return holds ? undefined : new ExpectationFailedError(key, expect, found ?? 'absent');
}
