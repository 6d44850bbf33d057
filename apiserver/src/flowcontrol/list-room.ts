import { apiError, StatusReason } from '@quarterdeck/apis';
import type { Metrics } from '@quarterdeck/machinery';
import type { Heap } from './heap.ts';

/** What answering one list takes. Bytes. */
export interface ListCost {
  /** Of what is selected, as it is stored. */
  readonly bytes: number;
  /** Written from the stored bytes a piece at a time; otherwise decoded, and encoded anew as one text. */
  readonly inPieces: boolean;
}

/**
 * How much the lists under way may hold, so that many large ones at once, or one that must be decoded whole, end in a 429
 * for some and not in the end of the process. Gets, writes, watches and small lists never ask. F-31
 */
export interface ListRoom {
  /**
   * @returns to be called when the answer was sent, or nobody waits for it any more; more than once is as good as once
   * @throws ApiError TooManyRequests, with when to ask again
   */
  take(cost: ListCost): () => void;
}

/** Lists up to this are always answered: one piece. */
const smallListBytes = 256 * 1024;
/** Of a list that goes out in pieces: two that are made, and what sockets and compression hold. */
const piecesBytes = 1024 * 1024;
/** Decoded values, their text, its indented form: what a list takes for each of its bytes until it is written. */
const decodedFactor = 8;
/** Of the heap's limit: what answers under way may hold, beside it. */
const heldShare = 1 / 4;
/** Of the heap's limit: what may be in use, so that it is not reached. */
const usedShare = 0.85;

export interface ListRoomOptions {
  readonly heap: Pick<Heap, 'usedBytes' | 'limitBytes'>;
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>;
}

export function createListRoom({ heap, metrics }: ListRoomOptions): ListRoom {
  const refused = metrics.counter({
    subsystem: 'apiserver',
    what: 'lists_refused',
    help: 'Lists answered with 429: too many large ones under way (Bytes), or the heap is too full to encode one (Heap).',
    labels: ['reason'],
  });
  const gauge = metrics.gauge({
    subsystem: 'apiserver',
    what: 'lists_under_way',
    unit: 'bytes',
    help: 'Held by the answers of large lists until they are sent.',
  });
  let heldBytes = 0;
  const hold = (bytes: number) => {
    heldBytes += bytes;
    gauge.set(heldBytes);
  };
  const refuse = (reason: 'Bytes' | 'Heap', message: string, retryAfterSeconds: number) => {
    refused.inc({ reason });
    return apiError(StatusReason.TooManyRequests, message, { retryAfterSeconds });
  };
  return {
    take({ bytes, inPieces }) {
      if (bytes <= smallListBytes) return () => {};
      const held = inPieces ? Math.min(bytes, piecesBytes) : bytes;
      if (!inPieces && heap.usedBytes() + bytes * decodedFactor > heap.limitBytes * usedShare) {
        const instead = 'ask for it in pages (limit), or as JSON that is not indented';
        throw refuse('Heap', `the server lacks the memory to encode this list as a whole: ${instead}`, 5);
      }
      if (heldBytes + held > heap.limitBytes * heldShare) {
        throw refuse('Bytes', 'too many large lists are being answered, please try again later', 1);
      }
      hold(held);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        hold(-held);
      };
    },
  };
}
