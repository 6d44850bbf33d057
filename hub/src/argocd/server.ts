import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type Clock,
  createDecisionFollower,
  encodeJson,
  type Logger,
  nodeHttp,
  type Reader,
  systemClock,
} from '@quarterdeck/machinery';
import { answer, type GeneratorAnswer, type GeneratorContext } from './answer.ts';
import { createPatience, type Patience } from './patience.ts';

export interface GeneratorOptions {
  /** Reads PlacementDecisions of the namespace, and ClusterProfiles where they are asked for. */
  readonly client: Reader;
  /** Whose decisions are served, and no other's. PD-25 */
  readonly namespace: string;
  /** Namespaces of ClusterProfiles; without them labels, properties and servers of clusters are empty. */
  readonly profileNamespaces: readonly string[];
  /** What Argo CD must present; read for each request. */
  readonly readToken: () => Promise<string>;
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM. Absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface Generator extends AsyncDisposable {
  /** The `baseUrl` for Argo CD. */
  readonly url: string;
}

/** A question is a few hundred bytes. */
const maxBodyBytes = 64 * 1024;
/** Argo CD waits 30 s. */
const requestTimeoutMs = 15_000;

/** Serves decisions of one namespace to Argo CD's ApplicationSet controller. A consumer like any: it only reads. PD-17 */
export async function startArgoCdGenerator(options: GeneratorOptions): Promise<Generator> {
  const { client, namespace, profileNamespaces, readToken, listen, tls, logger, clock = systemClock } = options;
  const stopping = new AbortController();
  const patience = createPatience(clock, stopping.signal);
  const decisions = createDecisionFollower(client, {
    namespaces: [namespace],
    profileNamespaces,
    clock,
    logger,
    onChange({ key, clusters }) {
      logger.info({ decision: key, clusters: clusters.length }, 'a decision changed');
      patience.changed();
    },
  });
  decisions.synced.then(patience.changed, () => undefined);
  const context: GeneratorContext = { decisions, namespace, readToken };
  const listener: RequestListener = (request, response) => {
    void respond(request, response, { context, patience, logger });
  };
  const server = tls === undefined ? nodeHttp.createServer(listener) : createTlsServer(tls, listener);
  server.requestTimeout = requestTimeoutMs;
  await once(server.listen(listen), 'listening');
  const following = decisions.start(stopping.signal);
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the generator is stopping'));
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([following, closed]);
    },
  };
}

/** What every question is answered with. */
interface Answering {
  readonly context: GeneratorContext;
  readonly patience: Patience;
  readonly logger: Logger;
}

async function respond(request: IncomingMessage, response: ServerResponse, answering: Answering): Promise<void> {
  const { status, body } = await answerTo(request, answering);
  const { logger } = answering;
  if (status !== 200) logger.info({ status, reason: body.message }, 'a question was refused');
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(encodeJson(body));
}

async function answerTo(request: IncomingMessage, { context, patience, logger }: Answering): Promise<GeneratorAnswer> {
  try {
    const body = await readBody(request);
    if (body === undefined) return { status: 413, body: { message: `a body has at most ${maxBodyBytes} bytes` } };
    const { method = '', url = '', headers } = request;
    const [path = ''] = url.split('?');
    const question = { method, path, authorization: headers.authorization, body };
    return await patience.answered(() => answer(question, context));
  } catch (error) {
    logger.error({ err: error }, 'a question could not be answered');
    return { status: 500, body: { message: 'the generator failed; its log says why' } };
  }
}

/** @returns undefined when it is too long */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  return length > maxBodyBytes ? undefined : Buffer.concat(chunks);
}
