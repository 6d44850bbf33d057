import { getEventListeners } from 'node:events';
import { ConfigMap } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemUser } from '../../server.ts';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { openWatch } from '../../testing/watch.ts';
import { widgets } from '../../testing/widgets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ definitions: [widgets] });
});
afterAll(() => server[Symbol.asyncDispose]());

let count = 0;
/** A namespace of each test's own. */
async function namespace(): Promise<string> {
  count += 1;
  const name = `w${count}`;
  await send(server.server.pipeline, {
    method: 'POST',
    url: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  });
  return `/api/v1/namespaces/${name}/configmaps`;
}

const create = async (url: string, name: string, labels: JsonObject = {}) => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } };
  return (await send(server.server.pipeline, { method: 'POST', url, body })).json;
};
const merge = (url: string, body: JsonObject) =>
  send(server.server.pipeline, {
    method: 'PATCH',
    url,
    headers: { 'content-type': 'application/merge-patch+json' },
    body,
  });
const remove = (url: string) => send(server.server.pipeline, { method: 'DELETE', url });
const watch = (url: string, accept?: string) =>
  openWatch(server.server.pipeline, { url, headers: accept === undefined ? {} : { accept } });
const versionOf = (object: JsonObject) => String((object.metadata as JsonObject).resourceVersion);

describe('watch', () => {
  test('KA-85 answers 200 in JSON before there is an event', async () => {
    await using seen = await watch(`${await namespace()}?watch=true`);
    expect([seen.status, seen.headers['content-type']]).toEqual([200, 'application/json']);
  });

  test('KA-86 KA-87 the present state first, then each change with its own version', async () => {
    const url = await namespace();
    await create(url, 'a');
    await using seen = await watch(`${url}?watch=true`);
    await merge(`${url}/a`, { data: { a: 'b' } });
    await create(url, 'b');
    await remove(`${url}/a`);
    expect(await seen.take(4)).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']);
  });

  test('KA-87 from a version exactly what came later', async () => {
    const url = await namespace();
    const first = await create(url, 'a');
    await create(url, 'b');
    await using seen = await watch(`${url}?watch=true&resourceVersion=${versionOf(first)}`);
    await remove(`${url}/b`);
    expect(await seen.take(2)).toEqual(['ADDED b', 'DELETED b']);
  });

  test("KA-86 a deletion carries the last state at the deletion's version", async () => {
    const url = await namespace();
    const created = await create(url, 'a');
    await using seen = await watch(`${url}?watch=true`);
    await remove(`${url}/a`);
    await seen.next();
    const deleted = await seen.next();
    expect(deleted?.object).toEqual({
      ...created,
      metadata: { ...(created.metadata as JsonObject), resourceVersion: versionOf(deleted?.object ?? {}) },
    });
    expect(BigInt(versionOf(deleted?.object ?? {}))).toBeGreaterThan(BigInt(versionOf(created)));
  });

  test('KA-88 objects come into and leave the selection', async () => {
    const url = await namespace();
    await create(url, 'a', { on: 'no' });
    await using seen = await watch(`${url}?watch=true&labelSelector=on%3Dyes`);
    await merge(`${url}/a`, { metadata: { labels: { on: 'yes' } } });
    await merge(`${url}/a`, { data: { a: 'b' } });
    await merge(`${url}/a`, { metadata: { labels: { on: 'no' } } });
    await merge(`${url}/a`, { data: { a: 'c' } });
    await create(url, 'b', { on: 'yes' });
    expect(await seen.take(4)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
  });

  test('KA-88 the state that leaves is the one before, at the new version', async () => {
    const url = await namespace();
    await create(url, 'a', { on: 'yes' });
    await using seen = await watch(`${url}?watch=true&labelSelector=on%3Dyes`);
    const { json } = await merge(`${url}/a`, { metadata: { labels: { on: 'no' } } });
    await seen.next();
    const left = await seen.next();
    expect(left?.object.metadata).toMatchObject({ labels: { on: 'yes' }, resourceVersion: versionOf(json) });
  });

  test('KA-88 one object by name', async () => {
    const url = await namespace();
    await create(url, 'a');
    await create(url, 'b');
    await using seen = await watch(`${url}?watch=true&fieldSelector=metadata.name%3Db`);
    await merge(`${url}/a`, { data: { a: 'b' } });
    await merge(`${url}/b`, { data: { a: 'b' } });
    expect(await seen.take(2)).toEqual(['ADDED b', 'MODIFIED b']);
  });

  test('KA-87 a version that is gone is 410 before the stream begins', async () => {
    await using seen = await watch(`${await namespace()}?watch=true&resourceVersion=1`);
    expect(seen.status).toBe(410);
  });

  test('KA-90 WatchList: the state, a bookmark that ends it, then changes', async () => {
    const url = await namespace();
    await create(url, 'a');
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    await using seen = await watch(`${url}?${query}`);
    expect(await seen.take(1)).toEqual(['ADDED a']);
    const bookmark = await seen.next();
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: expect.stringMatching(/^\d+$/),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    });
    await create(url, 'b');
    expect(await seen.take(1)).toEqual(['ADDED b']);
  });

  test('KA-90 sendInitialEvents=false: only changes', async () => {
    const url = await namespace();
    await create(url, 'a');
    await using seen = await watch(`${url}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    await create(url, 'b');
    expect(await seen.take(1)).toEqual(['ADDED b']);
  });

  test.each([
    'sendInitialEvents=true',
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    'resourceVersion=5&resourceVersionMatch=NotOlderThan',
  ])('KA-90 ?%s is 422', async (query) => {
    await using seen = await watch(`${await namespace()}?watch=true&${query}`);
    expect(seen.status).toBe(422);
  });

  test('KA-91 the stream ends at its time, without an error', async () => {
    await using seen = await watch(`${await namespace()}?watch=true&timeoutSeconds=1`);
    expect(await seen.next()).toBeUndefined();
  });

  test('KA-89 a bookmark before the deadline, for who asks', async () => {
    const url = await namespace();
    await using without = await watch(`${url}?watch=true&timeoutSeconds=1`);
    await using seen = await watch(`${url}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`);
    expect(await seen.take(2)).toEqual(['BOOKMARK']);
    expect(await without.next()).toBeUndefined();
  });

  test('KA-85 no YAML', async () => {
    await using seen = await watch(`${await namespace()}?watch=true`, 'application/yaml');
    expect(seen.status).toBe(406);
  });

  test('KA-32 Tables of one row, columns in the first only', async () => {
    const url = await namespace();
    await create(url, 'a');
    await using seen = await watch(`${url}?watch=true`, 'application/json;as=Table;v=v1;g=meta.k8s.io');
    await create(url, 'b');
    const [first, second] = [await seen.next(), await seen.next()];
    expect(first?.object).toMatchObject({ kind: 'Table', rows: [{ cells: ['a', 0, expect.any(String)] }] });
    expect(first?.object.columnDefinitions).toHaveLength(3);
    expect(second?.object).toMatchObject({ kind: 'Table', rows: [{ cells: ['b', 0, expect.any(String)] }] });
    expect(second?.object.columnDefinitions).toBeNull();
  });

  test('KA-33 metadata alone', async () => {
    const url = await namespace();
    await create(url, 'a');
    await using seen = await watch(`${url}?watch=true`, 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io');
    const event = await seen.next();
    expect(event?.object).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a' },
    });
  });

  test('KA-93 an event is encoded once for all who see the same form', async () => {
    const url = await namespace();
    const after = server.server.store.revision;
    using events = server.server.store.watch({ resource: 'configmaps', after });
    const watches = await Promise.all([1, 2, 3].map(() => watch(`${url}?watch=true&resourceVersion=${after}`)));
    await create(url, 'a');
    expect(await Promise.all(watches.map((one) => one.take(1)))).toEqual([['ADDED a'], ['ADDED a'], ['ADDED a']]);
    const [event] = await events.next(1000);
    expect(event?.frames.size).toBe(1);
    for (const one of watches) await one[Symbol.asyncDispose]();
  });

  test('KA-108 a kind that goes ends its watches', async () => {
    await using seen = await watch('/apis/x.io/v1/widgets?watch=true');
    server.server.registry.unregister('x.io', 'widgets');
    expect(await seen.next()).toBeUndefined();
    server.server.registry.register(widgets);
  });
});

describe('events', () => {
  const about = { kind: 'ConfigMap', namespace: 'default', name: 'a' };
  const core = '/api/v1/namespaces/default/events';
  const view = '/apis/events.k8s.io/v1/namespaces/default/events';

  test('KA-1 KA-141b both views show one stored object', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e1' },
      involvedObject: about,
      message: 'hello',
      reason: 'R',
      type: 'Normal',
      count: 2,
    };
    await send(server.server.pipeline, { method: 'POST', url: core, body });
    const { json } = await send(server.server.pipeline, { url: `${view}/e1` });
    expect(json).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding: about, note: 'hello', deprecatedCount: 2 });
    expect(json).not.toHaveProperty('message');
    const list = await send(server.server.pipeline, { url: `${view}?fieldSelector=regarding.name%3Da` });
    expect((list.json.items as unknown[]).length).toBe(1);
    await using seen = await watch(`${view}?watch=true`);
    expect((await seen.next())?.object).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello' });
    await merge(`${view}/e1`, { note: 'changed' });
    expect((await send(server.server.pipeline, { url: `${core}/e1` })).json).toMatchObject({
      apiVersion: 'v1',
      message: 'changed',
    });
  });

  test('KA-141c a new event needs its new fields, an old one does not', async () => {
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e2' },
      regarding: about,
      reason: 'R',
      type: 'Normal',
    };
    const { json } = await send(server.server.pipeline, { method: 'POST', url: view, body });
    const fields = ((json.details as JsonObject).causes as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(['eventTime', 'reportingController', 'reportingInstance', 'action']);
  });

  test('KA-141c an event lives in the namespace of what it is about', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e3' },
      involvedObject: { ...about, namespace: 'kube-system' },
    };
    expect((await send(server.server.pipeline, { method: 'POST', url: core, body })).status).toBe(422);
  });
});

test('F-12 a watch that is over leaves nothing with the signal of its client, which outlives many', async () => {
  await create(await namespace(), 'a');
  const client = server.server.client(systemUser);
  const { signal } = new AbortController();
  for (let round = 0; round < 3; round++) {
    const options = {
      namespace: `w${count}`,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      signal,
    } as const;
    for await (const event of client.watch(ConfigMap, options)) {
      expect(event.type).toBe('ADDED');
      break;
    }
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
