import { ApiError, apiError, type KubeObject, StatusReason, type Stored } from '@quarterdeck/apis';
import { parseJson } from '../wire/json.ts';
import { isJsonObject, type JsonValue } from '../wire/value.ts';
import type { WatchEvent } from './client.ts';
import { asStatus } from './http-errors.ts';

/** Longest single event; a stream without line ends must not fill memory. */
const maxLineBytes = 32 * 1024 * 1024;
const newline = 0x0a;

/** Cuts a byte stream into lines. KA-85 */
export class LineSplitter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** Complete lines that this chunk ends, without their line end; empty lines are left out. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = this.#takeWith(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) return;
    this.#pending.push(chunk.subarray(start));
    this.#pendingBytes += chunk.length - start;
    if (this.#pendingBytes > maxLineBytes) throw new Error(`a watch event is longer than ${maxLineBytes} bytes`);
  }

  /** Bytes after the last line end: a stream that stops here was cut off. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  #takeWith(tail: Uint8Array): Uint8Array {
    if (this.#pending.length === 0) return tail;
    const line = Buffer.concat([...this.#pending, tail]);
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }
}

/**
 * Decodes one frame of a watch stream. KA-85, KA-86, KA-89, KA-90
 * @throws ApiError for an ERROR event (Expired among them), and InternalError for what is no event at all
 */
export function decodeWatchEvent<T extends KubeObject>(line: Uint8Array): WatchEvent<T> {
  let frame: JsonValue;
  try {
    frame = parseJson(line);
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
  if (!isJsonObject(frame)) throw malformed('is no object');
  const { type, object } = frame;
  if (!isJsonObject(object)) throw malformed('has no object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: object as unknown as Stored<T> };
    case 'BOOKMARK': {
      const { resourceVersion, annotations } = (object as unknown as KubeObject).metadata;
      if (resourceVersion === undefined) throw malformed('is a bookmark without resourceVersion');
      return { type, resourceVersion, initialEventsEnd: annotations?.['k8s.io/initial-events-end'] === 'true' };
    }
    case 'ERROR': {
      const status = asStatus(object);
      if (status === undefined) throw malformed('is an error without Status');
      throw new ApiError(status);
    }
    default:
      throw malformed(`has the unknown type ${String(type)}`);
  }
}

function malformed(what: string, cause?: unknown): ApiError {
  return apiError(StatusReason.InternalError, `watch event ${what}`, undefined, { cause });
}
