import { startTestWebhook, type WebhookAnswer } from '@quarterdeck/apiserver/testing';
import type { JsonObject, JsonValue } from '@quarterdeck/machinery';

/** The webhook of one scenario, on this machine. */
export interface ScenarioWebhook extends AsyncDisposable {
  /** Where it is and how it is known, by the names under which steps speak of it. */
  readonly values: Readonly<Record<string, string>>;
  /** The last request that asked for this object in this version, as it came; waits up to `patienceMs` for one. */
  requestFor(name: string, version: string, patienceMs: number): Promise<JsonValue>;
}

/** Headers of requests that say something of who asks. */
const comparedHeaders = ['host', 'content-type', 'accept', 'user-agent'];

/** @param namespace where the service `converter` may lead to it */
export async function startScenarioWebhook(answer: WebhookAnswer, namespace: string): Promise<ScenarioWebhook> {
  const host = `converter.${namespace}.svc`;
  const webhook = await startTestWebhook(answer, [host]);
  const asked = (name: string, version: string) =>
    webhook.requests.findLast(({ review }) => {
      const { objects = [], desiredAPIVersion = '' } = review.request as {
        objects?: { metadata?: JsonObject }[];
        desiredAPIVersion?: string;
      };
      return desiredAPIVersion.endsWith(`/${version}`) && objects.some(({ metadata }) => metadata?.name === name);
    });
  return {
    values: { webhook: webhook.url, webhookPort: String(webhook.port), webhookCa: webhook.caBundle },
    async requestFor(name, version, patienceMs) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const found = asked(name, version);
        if (found !== undefined) {
          const { method, path, review } = found;
          const headers = comparedHeaders.map((header) => [header, found.headers[header] ?? null]);
          return { method, path, headers: Object.fromEntries(headers) as JsonObject, review };
        }
        if (Date.now() > deadline) return null;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
  };
}
