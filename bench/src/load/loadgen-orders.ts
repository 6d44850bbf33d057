/** What the load generator is asked and answers, as bench/loadgen reads and writes it. */
export interface LoadOrders {
  readonly requests: { readonly order: RequestOrder; readonly result: RequestResult };
  readonly lists: { readonly order: ListOrder; readonly result: ListResult };
  readonly open: { readonly order: OpenOrder; readonly result: Spent };
  readonly write: { readonly order: WriteOrder; readonly result: WriteResult };
  readonly close: { readonly order: Readonly<Record<string, never>>; readonly result: object };
}

/** Where a path or body says these, there is a number in seven digits: as long as the word. */
export const placeholders = { index: '{index}', shard: '{shard}', number: '{number}' } as const;

/** Of the load generator itself. */
interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Requests that were answered with 429 and sent again after the time that the server asked for, which counts. */
  readonly refused: number;
}

/** Many requests of one form; each client sends its next one, on its own connection, when its last one is answered. */
export interface RequestOrder {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Template. */
  readonly path: string;
  readonly contentType?: string;
  /** Template. */
  readonly body?: string;
  /** Send what was kept for the index, with `old` replaced by `new` once. */
  readonly kept?: boolean;
  readonly old?: string;
  readonly new?: string;
  /** Keep answers for later orders. */
  readonly keep?: boolean;
  readonly clients: number;
  readonly count: number;
  /** How many different indexes there are. Default: all. */
  readonly distinct?: number;
  /** Index modulo shards is the shard. */
  readonly shards: number;
}

export interface RequestResult extends Spent {
  /** From sending a request to the last byte of its answer. */
  readonly latenciesUs: readonly number[];
  readonly bytes: number;
}

/** Whole lists, read without being decoded. */
export interface ListOrder {
  readonly path: string;
  /** Follow the list to its last page. */
  readonly pages?: boolean;
  /** The list is the first state of a watch. */
  readonly watch?: boolean;
  readonly atOnce: number;
  /** Lists of each of those at once, one after the other. */
  readonly each: number;
  /** How many objects each list must have. */
  readonly expect: number;
}

export interface ListResult extends Spent {
  readonly lists: readonly {
    readonly us: number;
    /** To the first byte of the body. */
    readonly firstUs: number;
    readonly bytes: number;
  }[];
}

/** Watchers from the present state on; they stay until `close`, or the next `open`. */
export interface OpenOrder {
  /** Template of a collection; without a shard in it, all watch everything. */
  readonly path: string;
  readonly watchers: number;
  readonly shards: number;
  /** How many watchers share a connection. */
  readonly perConnection: number;
}

/** Changes at a steady rate while they watch. */
export interface WriteOrder {
  /** Template of an object. */
  readonly path: string;
  /** Template of a merge patch that puts `{number}` into the annotation bench/number. */
  readonly body: string;
  readonly objects: number;
  readonly shards: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** How many may be under way at once. */
  readonly lanes: number;
  /** How often all connections of watchers are cut meanwhile; they go on from the last version they saw. */
  readonly cuts?: number;
}

export interface WriteResult extends Spent {
  readonly written: number;
  /** Of all watchers. */
  readonly events: number;
  /** From the first of them to the last; 0 when there is but one. */
  readonly eventsSeconds: number;
  readonly lost: number;
  readonly doubled: number;
  /** Events that were not newer than the one before. */
  readonly unordered: number;
  /** Streams that ended. */
  readonly ended: number;
  /** Streams that the server could not go on with: 410. */
  readonly expired: number;
  readonly bytes: number;
  /** From sending a change to having read its event; a part of them, evenly taken, where there are many. */
  readonly lagsUs: readonly number[];
  readonly writesUs: readonly number[];
}
