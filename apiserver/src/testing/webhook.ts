import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { encodeJson, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { collectBody } from '../client/body.ts';
import { issueCertificate } from '../tls/authority.ts';
import { newKey } from './certificate-requests.ts';
import { newAuthority } from './certificates.ts';

/** What a webhook says to a review. Text is sent as it is; undefined: nothing, ever. */
export type WebhookAnswer = (review: JsonObject) => JsonValue | { readonly status: number; readonly text: string };

/** A request as it came. */
export interface WebhookRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly review: JsonObject;
}

export interface TestWebhook extends AsyncDisposable {
  readonly port: number;
  /** `https://127.0.0.1:PORT/convert` */
  readonly url: string;
  /** Of the authority that signed its certificate, as `clientConfig.caBundle` holds it. */
  readonly caBundle: string;
  /** Every review that came, oldest first. */
  readonly reviews: readonly JsonObject[];
  /** The same, with what came around them. */
  readonly requests: readonly WebhookRequest[];
  /** How it answers from now on. */
  answer: WebhookAnswer | undefined;
}

/** A real HTTPS server with a certificate of its own authority, for 127.0.0.1 and these names. Dispose it. */
export async function startTestWebhook(answer: WebhookAnswer, names: readonly string[] = []): Promise<TestWebhook> {
  const now = Date.now();
  const authority = await newAuthority(now);
  const key = newKey();
  const certificate = await issueCertificate(authority, {
    subject: { commonName: 'webhook', organizations: [] },
    publicKey: createPublicKey(key),
    usage: 'server',
    alternativeNames: [{ type: 'ip', value: '127.0.0.1' }, ...names.map((value) => ({ type: 'dns' as const, value }))],
    now,
    lifetimeMs: 3_600_000,
  });
  const reviews: JsonObject[] = [];
  const requests: WebhookRequest[] = [];
  const server = createServer({ cert: certificate, key: key.export({ format: 'pem', type: 'pkcs8' }) });
  server.on('request', async (request, response) => {
    const review = parseJson(await collectBody(request)) as JsonObject;
    reviews.push(review);
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, review });
    if (webhook.answer === undefined) return;
    const said = webhook.answer(review);
    const isPlain = typeof said === 'object' && said !== null && 'text' in said;
    response.writeHead(isPlain ? Number(said.status) : 200, { 'content-type': 'application/json' });
    response.end(isPlain ? String(said.text) : encodeJson(said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const webhook: TestWebhook = {
    port,
    url: `https://127.0.0.1:${port}/convert`,
    caBundle: Buffer.from(authority.pem).toString('base64'),
    reviews,
    requests,
    answer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return webhook;
}
