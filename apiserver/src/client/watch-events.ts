import { ApiError, type KubeObject, type Status, type Stored } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, parseJson, type WatchEvent } from '@quarterdeck/machinery';
import { stringAt } from '../registry/fields.ts';
import { deepFreeze } from './freeze.ts';

const newline = 0x0a;

/** The events of a watch stream of JSON lines. @throws ApiError for an ERROR event */
export async function* readWatchEvents<T extends KubeObject>(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(chunks)) {
    const event = parseJson(line);
    if (isJsonObject(event)) yield toEvent<T>(event);
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    let data = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline)) {
      yield data.subarray(0, end);
      data = data.subarray(end + 1);
    }
    rest = data;
  }
}

function toEvent<T extends KubeObject>(event: JsonObject): WatchEvent<T> {
  const object = isJsonObject(event.object) ? event.object : {};
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: deepFreeze(object) as unknown as Stored<T> };
    case 'BOOKMARK':
      return {
        type: 'BOOKMARK',
        resourceVersion: stringAt(object, 'metadata', 'resourceVersion'),
        initialEventsEnd: stringAt(object, 'metadata', 'annotations', 'k8s.io/initial-events-end') === 'true',
      };
    default:
      throw new ApiError(object as unknown as Status);
  }
}
