import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { type Clock, decodeJson, encodeJson, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { numberAt, objectAt, stringAt, valueAt } from '../registry/fields.ts';
import type { ResolveService } from './resolve-service.ts';

/** A webhook that did not answer as one should: whom it concerns says so to its client. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

export interface WebhookCall {
  /** `clientConfig` as stored. */
  readonly config: JsonObject;
  readonly review: JsonObject;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Posts reviews to webhooks. Disposing of it closes the connections that are kept for the next call. */
export interface WebhookCaller extends Disposable {
  /** @throws WebhookCallError; what `signal` aborts with */
  call(call: WebhookCall): Promise<JsonObject>;
}

/** A batch of objects, and as much again. */
const maxAnswerBytes = 32 * 1024 * 1024;
/** Of an answer that is no review, in messages. */
const shownBytes = 200;

interface Where {
  /** As messages name it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Whose name the certificate must bear, where that is not the host dialled. */
  readonly serverName?: string;
}

/**
 * Calls over HTTPS, without redirects or proxies: only a certificate of the configured authority is talked to. KA-106b,
 * KA-136
 */
export function createWebhookCaller(options: {
  readonly clock: Clock;
  readonly resolveService: ResolveService;
}): WebhookCaller {
  const { clock, resolveService } = options;
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  return {
    async call({ config, review, timeoutMs, signal }) {
      const where = placeOf(config, timeoutMs, resolveService);
      const late = new AbortController();
      const timer = clock.after(timeoutMs, () => late.abort());
      try {
        const both = AbortSignal.any([signal, late.signal]);
        return await post(where, { agent, ca: caOf(config), body: encodeJson(review), signal: both });
      } catch (cause) {
        signal.throwIfAborted();
        const why = late.signal.aborted ? `no answer within ${timeoutMs / 1000} s` : messageOf(cause);
        throw new WebhookCallError(`Post "${where.url}": ${why}`, { cause });
      } finally {
        timer.cancel();
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** The webhook is told how long it is waited for, as Kubernetes tells it. */
function placeOf(config: JsonObject, timeoutMs: number, resolveService: ResolveService): Where {
  const query = `?timeout=${timeoutMs / 1000}s`;
  if (valueAt(config, 'url') !== undefined) {
    const url = new URL(stringAt(config, 'url'));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? 443 : Number(url.port);
    return { url: `${url.href}${query}`, host, port, path: `${url.pathname}${query}` };
  }
  const service = objectAt(config, 'service');
  const [namespace, name] = [stringAt(service, 'namespace'), stringAt(service, 'name')];
  const port = numberAt(service, 'port') ?? 443;
  const path = `${stringAt(service, 'path') || '/'}${query}`;
  const serverName = `${name}.${namespace}.svc`;
  const url = `https://${serverName}:${port}${path}`;
  const found = resolveService({ namespace, name, port });
  if ('problem' in found) throw new WebhookCallError(`Post "${url}": ${found.problem}`);
  return { url, ...found, path, serverName };
}

function caOf(config: JsonObject): string | undefined {
  const bundle = stringAt(config, 'caBundle');
  return bundle === '' ? undefined : Buffer.from(bundle, 'base64').toString('utf8');
}

interface Post {
  readonly agent: Agent;
  readonly ca: string | undefined;
  readonly body: string;
  readonly signal: AbortSignal;
}

async function post(where: Where, { agent, ca, body, signal }: Post): Promise<JsonObject> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request(
      {
        method: 'POST',
        host: where.host,
        port: where.port,
        path: where.path,
        agent,
        signal,
        headers: {
          ...(where.serverName === undefined ? {} : { host: `${where.serverName}:${where.port}` }),
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'user-agent': 'quarterdeck-hub',
          'content-length': Buffer.byteLength(body),
        },
        ...(ca === undefined ? {} : { ca }),
        ...(where.serverName === undefined ? {} : { servername: where.serverName }),
      },
      resolve,
    );
    call.once('error', reject);
    call.end(body);
  });
  const bytes = await bytesOf(response);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    const text = bytes.toString('utf8', 0, shownBytes).trim();
    throw new Error(`the answer was ${status} ${response.statusMessage ?? ''}${text === '' ? '' : `: ${text}`}`);
  }
  const { value } = decodeJson(bytes, { maxBytes: maxAnswerBytes });
  if (!isJsonObject(value)) throw new Error('the answer is not an object');
  return value;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

/** Without the advice that Node.js adds for whoever starts it. */
const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/; if the root CA is installed locally.*$/, '');
