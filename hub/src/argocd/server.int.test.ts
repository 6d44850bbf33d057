import { setImmediate } from 'node:timers/promises';
import { PlacementDecision } from '@quarterdeck/apis';
import { type Reader, silentLogger } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { stored } from '../testing/builders.ts';
import { startArgoCdGenerator } from './server.ts';

const slice = stored(PlacementDecision, 'two-0', {
  metadata: {
    namespace: 'team',
    labels: { 'multicluster.x-k8s.io/decision-key': 'k', 'quarterdeck.dev/placement': 'two' },
  },
  decisions: [{ clusterProfileRef: { name: 'm1', namespace: 'clusterset-a' } }],
});

/** Settled by the first question. */
const asked = Promise.withResolvers<void>();

/** A hub with one decision, which is there a moment after the first question, and nothing that ever changes. */
const client: Reader = {
  get: () => Promise.reject(new Error('nothing is got')),
  list: () => Promise.reject(new Error('it streams')),
  async *watch(type, options) {
    expect([type.kind, options?.namespace]).toEqual([PlacementDecision.kind, 'team']);
    await asked.promise;
    await setImmediate();
    yield { type: 'ADDED', object: slice as never };
    yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
    await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve, { once: true }));
  },
};

test('PD-17 PD-23 PD-25 over HTTP, by the call that Argo CD makes, and by what it must not do', async () => {
  await using generator = await startArgoCdGenerator({
    client,
    namespace: 'team',
    profileNamespaces: [],
    readToken: async () => {
      asked.resolve();
      return 'secret';
    },
    listen: { host: '127.0.0.1', port: 0 },
    logger: silentLogger,
  });
  // As its client does: the base URL with a slash, JSON with a line's end, its own user agent.
  const ask = (body: string, token = 'secret') =>
    fetch(`${generator.url}/api/v1/getparams.execute`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'user-agent': 'argocd-applicationset',
      },
      body,
    });
  const question = `${JSON.stringify({ applicationSetName: 'shop', input: { parameters: { placement: 'two' } } })}\n`;
  const answered = await ask(question);
  expect([answered.status, await answered.json()]).toMatchObject([
    200,
    { output: { parameters: [{ name: 'm1', profileNamespace: 'clusterset-a' }] } },
  ]);

  const refused = await ask(question, 'other');
  expect([refused.status, await refused.json()]).toEqual([403, { message: 'the bearer token is missing or wrong' }]);
  expect((await ask(' '.repeat(70_000))).status).toBe(413);
  expect((await fetch(`${generator.url}/metrics`)).status).toBe(404);
});
