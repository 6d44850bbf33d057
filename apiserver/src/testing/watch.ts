import { isJsonObject, type JsonObject, parseJson } from '@quarterdeck/machinery';
import type { Pipeline } from '../pipeline/http-message.ts';
import { open, type TestRequest } from './request.ts';

export interface WatchedEvent {
  readonly type: string;
  readonly object: JsonObject;
}

export interface TestWatch extends AsyncDisposable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The next event; undefined when the stream ended. */
  next(): Promise<WatchedEvent | undefined>;
  /** The next `count` events as `TYPE name`, fewer when the stream ended. */
  take(count: number): Promise<string[]>;
}

/** Opens a watch and reads it event by event. */
export async function openWatch(pipeline: Pipeline, request: TestRequest): Promise<TestWatch> {
  const controller = new AbortController();
  const response = await open(pipeline, { ...request, signal: controller.signal });
  const events = readEvents(response.body);
  const next = async () => {
    const result = await events.next();
    return result.done === true ? undefined : result.value;
  };
  return {
    status: response.status,
    headers: response.headers,
    next,
    async take(count) {
      const texts: string[] = [];
      while (texts.length < count) {
        const event = await next();
        if (event === undefined) break;
        texts.push(summaryOf(event));
      }
      return texts;
    },
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('the test is over'));
      await events.return(undefined);
    },
  };
}

function summaryOf({ type, object }: WatchedEvent): string {
  const meta = isJsonObject(object.metadata) ? object.metadata : {};
  return meta.name === undefined ? type : `${type} ${String(meta.name)}`;
}

async function* readEvents(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<WatchedEvent, undefined> {
  let text = '';
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    text += Buffer.from(chunk).toString('utf8');
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield parseJson(line) as unknown as WatchedEvent;
  }
  return undefined;
}
