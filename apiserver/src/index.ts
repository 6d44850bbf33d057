// storage, cache
export { objectBody, objectHeader } from './cache/body.ts';
export { createStore, type StoreOptions } from './cache/create-store.ts';
export {
  CompactedError,
  type Entry,
  type EntryIndex,
  type Indexer,
  type ListRequest,
  type ListResult,
  RevisionAheadError,
  type Store,
  type StoreEvent,
  type StoreWatch,
  type WatchRequest,
} from './cache/store.ts';
export {
  createMemoryDatabase,
  type MemoryDatabase,
  type MemoryStorageOptions,
  openMemoryStorage,
} from './storage/memory.ts';
export {
  type Change,
  type Commit,
  type Expectation,
  ExpectationFailedError,
  type FollowSink,
  InvalidTransactionError,
  type PastChange,
  type Revision,
  type SettingsStore,
  type Storage,
  type StorageKey,
  type StorageSnapshot,
  StorageUnavailableError,
  type StoredRow,
  type Transaction,
  type WriteOperation,
  WriteOutcomeUnknownError,
} from './storage/storage.ts';
