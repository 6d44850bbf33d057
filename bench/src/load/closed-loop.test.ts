import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { closedLoop } from './closed-loop.ts';

/** Answers with the path; `/bad` with an error. Knows how many requests were under way at once. */
async function startServer() {
  const seen = { paths: [] as string[], atOnce: 0, most: 0 };
  const server = createServer((request, response) => {
    seen.most = Math.max(seen.most, ++seen.atOnce);
    seen.paths.push(request.url ?? '');
    setImmediate(() => {
      seen.atOnce--;
      response.statusCode = request.url === '/bad' ? 409 : 200;
      response.end(request.url === '/bad' ? 'no' : request.url);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}`, tls: { ca: '', cert: '', key: '' } };
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { seen, target, [Symbol.asyncDispose]: close };
}

test('every request is sent once, by no more clients than were asked for', async () => {
  await using server = await startServer();
  const bodies: string[] = [];
  const { latenciesMs, bytes } = await closedLoop({
    target: server.target,
    clients: 4,
    count: 50,
    request: (index) => ({ method: 'GET', path: `/${index}` }),
    onBody: (index, body) => {
      bodies[index] = body;
    },
  });
  const want = Array.from({ length: 50 }, (_, index) => `/${index}`);
  expect(bodies).toEqual(want);
  expect(server.seen.paths.filter((path) => path !== '/readyz').toSorted()).toEqual(want.toSorted());
  expect(server.seen.most).toBeLessThanOrEqual(4);
  expect(latenciesMs).toHaveLength(50);
  expect(bytes).toBe(want.join('').length);
});

test('an answer that is no success ends the load with its words', async () => {
  await using server = await startServer();
  const load = closedLoop({
    target: server.target,
    clients: 2,
    count: 10,
    request: (index) => ({ method: 'DELETE', path: index === 5 ? '/bad' : '/good' }),
  });
  await expect(load).rejects.toThrow('DELETE /bad was answered with 409: no');
});
