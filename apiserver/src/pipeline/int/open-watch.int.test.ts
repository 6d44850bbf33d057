import { X509Certificate } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { emptyBody } from '../../client/body.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import type { ApiRequest } from '../http-message.ts';

/** A server has tens of thousands of open watches: what each of them keeps counts. */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Its first state is sent, and it waits for an event; what its request was made of is held by nobody here. */
async function waitingWatch({ server, pki }: TestServer, search: string, signal: AbortSignal) {
  const admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const request: ApiRequest = {
    method: 'GET',
    path: '/api/v1/namespaces/default/configmaps',
    query: new URLSearchParams(`watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan${search}`),
    headers: { 'user-agent': 'a test' },
    headerLists: {},
    body: emptyBody,
    peer: { type: 'network', address: '192.0.2.1', clientCertificate: new X509Certificate(admin.certificate).raw },
    signal,
  };
  const { status, body } = await server.pipeline(request);
  expect(status).toBe(200);
  if (body instanceof Uint8Array) throw new Error('not a stream');
  const stream = body[Symbol.asyncIterator]();
  await stream.next();
  return {
    request: new WeakRef(request),
    query: new WeakRef(request.query),
    headers: new WeakRef(request.headers),
    next: stream.next(),
  };
}

test.each([
  { name: 'KA-85 an open watch does not keep the request that it came with', search: '' },
  {
    name: 'KA-85 an open watch with selectors does not keep the request that it came with',
    search: '&labelSelector=a%3Db',
  },
])('$name', async ({ search }) => {
  await using server = await startTestServer();
  const controller = new AbortController();
  const watch = await waitingWatch(server, `&allowWatchBookmarks=true${search}`, controller.signal);
  await eventually(() => {
    collectGarbage();
    return [watch.request, watch.query, watch.headers].every((each) => each.deref() === undefined);
  });
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(await watch.next).toEqual({ done: true, value: undefined });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
