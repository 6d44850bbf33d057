import { type JsonObject, systemClock } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { createMemoryDatabase, openMemoryStorage } from '../../storage/memory.ts';
import type { Revision, Storage } from '../../storage/storage.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer } from '../../testing/server.ts';

/**
 * A storage that hears of what other processes commit only when it asks, or writes itself: as if every notification were
 * lost on its way.
 */
function deaf(storage: Storage): Storage {
  let known: Revision = 0;
  const held: { readonly upTo: Revision; readonly tell: () => void }[] = [];
  const release = () => {
    while (held[0] !== undefined && held[0].upTo <= known) held.shift()?.tell();
  };
  const hold = (upTo: Revision, tell: () => void) => {
    held.push({ upTo, tell });
    release();
  };
  const hear = (upTo: Revision) => {
    known = Math.max(known, upTo);
    release();
  };
  return {
    ...storage,
    async write(transaction, signal) {
      const commit = await storage.write(transaction, signal);
      hear(commit.revisions.at(-1) ?? 0);
      return commit;
    },
    async latestRevision(signal) {
      const revision = await storage.latestRevision(signal);
      hear(revision);
      return revision;
    },
    follow: (from, sink) =>
      storage.follow(from, {
        changes: (changes) => hold(changes[0]?.revision ?? 0, () => sink.changes(changes)),
        progress: (revision) => hold(revision, () => sink.progress(revision)),
        reset: (reason) => sink.reset(reason),
      }),
  };
}

/** Two servers on one database, of which the second hears of nothing by itself. */
async function startPair() {
  const stack = new AsyncDisposableStack();
  const database = createMemoryDatabase();
  const first = stack.use(await startTestServer({ database }));
  const storage = deaf(openMemoryStorage(database, { clock: systemClock }));
  const second = stack.use(await startTestServer({ storage }));
  return {
    here: (request: TestRequest) => send(first.server.pipeline, request),
    there: (request: TestRequest) => send(second.server.pipeline, request),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const url = '/api/v1/namespaces/default/configmaps';
const object = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const merge = { 'content-type': 'application/merge-patch+json' };
const apply = { 'content-type': 'application/apply-patch+yaml' };

test('KA-66 KA-146a what one process made, another changes, replaces and deletes at once', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  await here({ method: 'POST', url, body: object('a') });
  const patched = await there({ method: 'PATCH', url: `${url}/a`, headers: merge, body: { data: { by: 'there' } } });
  expect([patched.status, patched.json.data]).toEqual([200, { by: 'there' }]);

  const { json } = await here({ method: 'PATCH', url: `${url}/a`, headers: merge, body: { data: { by: 'here' } } });
  const replaced = await there({ method: 'PUT', url: `${url}/a`, body: { ...json, data: { again: 'there' } } });
  expect([replaced.status, replaced.json.data]).toEqual([200, { again: 'there' }]);

  await here({ method: 'POST', url, body: object('b') });
  expect((await there({ method: 'DELETE', url: `${url}/b` })).status).toBe(200);
  expect((await here({ url: `${url}/b` })).status).toBe(404);
});

test('KA-110 KA-146a in a namespace that one process made, another creates at once', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  await here({ method: 'POST', url: '/api/v1/namespaces', body: { metadata: { name: 'new' } } });
  const { status } = await there({ method: 'POST', url: '/api/v1/namespaces/new/configmaps', body: object('a') });
  expect(status).toBe(201);
});

test('KA-66 KA-84 KA-146a what one process wrote, another shows at once, got or listed', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  await here({ method: 'POST', url, body: object('got') });
  expect((await there({ url: `${url}/got` })).status).toBe(200);
  await here({ method: 'POST', url, body: object('listed') });
  expect((await there({ url: `${url}?fieldSelector=metadata.name%3Dlisted` })).json.items).toHaveLength(1);
  const { json } = await here({ method: 'POST', url, body: object('newest') });
  const { resourceVersion } = json.metadata as { resourceVersion: string };
  expect((await there({ url: `${url}/newest?resourceVersion=${resourceVersion}` })).status).toBe(200);
});

test('KA-82 KA-146a a list that one process began, another goes on with', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  for (const name of ['a', 'b', 'c']) await here({ method: 'POST', url, body: object(name) });
  const names = ({ json }: { json: JsonObject }) =>
    (json.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  const first = await here({ url: `${url}?limit=1` });
  const meta = first.json.metadata as { continue: string; resourceVersion: string };
  const second = await there({ url: `${url}?limit=1&continue=${meta.continue}` });
  expect([second.status, names(first), names(second)]).toEqual([200, ['a'], ['b']]);
  expect(second.json.metadata).toMatchObject({ resourceVersion: meta.resourceVersion, remainingItemCount: 1 });
});

test('KA-53 KA-146a a name that was free again in one process is free in another', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  await there({ method: 'POST', url, body: object('a') });
  await here({ method: 'DELETE', url: `${url}/a` });
  expect((await there({ method: 'POST', url, body: object('a') })).status).toBe(201);
});

test('KA-66 KA-146a a patch that loses to another process is tried on what that wrote', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  await there({ method: 'POST', url, body: object('a', { data: { n: '0' } }) });
  for (const n of ['1', '2']) {
    await here({ method: 'PATCH', url: `${url}/a`, headers: merge, body: { data: { [`here${n}`]: n } } });
    const body = { data: { [`there${n}`]: n } };
    expect((await there({ method: 'PATCH', url: `${url}/a`, headers: merge, body })).status).toBe(200);
  }
  const { json } = await here({ url: `${url}/a` });
  expect(json.data).toEqual({ n: '0', here1: '1', there1: '1', here2: '2', there2: '2' });
});

test('KA-53 KA-66 KA-146a what is refused by what is newest stays refused', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  const { json } = await here({ method: 'POST', url, body: object('a') });
  await here({ method: 'PATCH', url: `${url}/a`, headers: merge, body: { data: { n: '1' } } });
  const answers = [
    await there({ method: 'POST', url, body: object('a') }),
    await there({ method: 'PUT', url: `${url}/a`, body: { ...json, data: { n: '2' } } }),
    await there({ method: 'DELETE', url: `${url}/none` }),
  ];
  expect(answers.map(({ status, json: { reason } }) => [status, reason])).toEqual([
    [409, 'AlreadyExists'],
    [409, 'Conflict'],
    [404, 'NotFound'],
  ]);
});

test('KA-55c KA-71 KA-146a of two that make the same object by PUT or apply, the second changes it', async () => {
  await using pair = await startPair();
  const { here, there } = pair;
  const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name: 'l' } };
  const leaseUrl = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';
  const put = (holderIdentity: string) => ({
    method: 'PUT',
    url: leaseUrl,
    body: { ...lease, spec: { holderIdentity } },
  });
  expect((await here(put('here'))).status).toBe(201);
  // A Lease is not replaced by who has not seen it.
  expect((await there(put('there'))).status).toBe(422);

  const config = (by: string) => ({
    method: 'PATCH',
    url: `${url}/applied?fieldManager=${by}`,
    headers: apply,
    body: object('applied', { data: { [by]: 'x' } }),
  });
  expect((await here(config('here'))).status).toBe(201);
  const second = await there(config('there'));
  expect([second.status, second.json.data]).toEqual([200, { here: 'x', there: 'x' }]);
});

test('KA-71 of two applies of a new object at once, both succeed', async () => {
  await using one = await startTestServer();
  const config = (by: string): TestRequest => ({
    method: 'PATCH',
    url: `${url}/raced?fieldManager=${by}`,
    headers: apply,
    body: object('raced', { data: { [by]: 'x' } }),
  });
  const answers = await Promise.all(['a', 'b', 'c'].map((by) => send(one.server.pipeline, config(by))));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  expect((await send(one.server.pipeline, { url: `${url}/raced` })).json.data).toEqual({ a: 'x', b: 'x', c: 'x' });
});
