import type { JsonObject } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { send } from '../../testing/request.ts';
import { startTestServer } from '../../testing/server.ts';

const url = '/api/v1/namespaces/default/configmaps';
const hourMs = 3_600_000;

test('KA-82 a page whose revision is forgotten is 410, with a token that goes on from the same key, as things are now', async () => {
  const clock = fakeClock();
  await using running = await startTestServer({ clock });
  const { pipeline, store } = running.server;
  const put = (name: string) =>
    send(pipeline, { method: 'POST', url, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } } });
  const page = (token = '') => send(pipeline, { url: `${url}?limit=2&continue=${encodeURIComponent(token)}` });
  const seen = ({ json }: { readonly json: JsonObject }) => ({
    names: (json.items as { readonly metadata: { readonly name: string } }[]).map(({ metadata: { name } }) => name),
    ...(json.metadata as { readonly resourceVersion: string; readonly continue?: string }),
  });
  for (const name of ['a', 'b', 'c', 'e']) await put(name);

  const first = seen(await page());
  expect(first.names).toEqual(['a', 'b']);
  await put('d');
  await put('a-later');
  await clock.advance(hourMs);

  const { status, json } = await page(first.continue);
  expect([status, json.reason]).toEqual([410, 'Expired']);
  const { continue: fresh } = json.metadata as { readonly continue: string };
  const second = seen(await page(fresh));
  const third = seen(await page(second.continue));
  expect([second.names, third.names]).toEqual([['c', 'd'], ['e']]);
  const now = String(store.revision);
  expect([first.resourceVersion === now, second.resourceVersion, third.resourceVersion]).toEqual([false, now, now]);
});

test('KA-82 a list at a forgotten revision is 410, with nothing to go on from', async () => {
  const clock = fakeClock();
  await using running = await startTestServer({ clock });
  const { pipeline, store } = running.server;
  const old = store.revision;
  await send(pipeline, { method: 'POST', url, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } });
  await clock.advance(hourMs);
  const { status, json } = await send(pipeline, { url: `${url}?resourceVersion=${old}&resourceVersionMatch=Exact` });
  expect([status, json.reason, json.metadata]).toEqual([410, 'Expired', {}]);
});
