import { once } from 'node:events';
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { answerTo } from './answer-to.ts';
import { createTunnels } from './tunnels.ts';

/** A tunnel of m1 whose agent answers nothing, over a connection as the API server hands it over. */
async function openTunnel(cleanup: AsyncDisposableStack) {
  const server = createServer({ allowHalfOpen: true }).listen(0);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const dialled = connect((server.address() as AddressInfo).port);
  const [connection] = await accepted;
  const tunnels = cleanup.use(createTunnels({ clock: fakeClock(), logger: testLogger() }));
  tunnels.accept('m1', connection, new AbortController().signal);
  const agent = performServerHandshake(dialled, {});
  agent.on('error', () => undefined);
  cleanup.defer(() => {
    dialled.destroy();
    connection.destroy();
    server.close();
  });
  const session = tunnels.get('m1');
  if (session === undefined) throw new Error('the tunnel is open');
  agent.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] === '/half') stream.respond({ ':status': 200 });
    if (headers[':path'] === '/half') stream.write('half of it');
  });
  const never = new AbortController().signal;
  const [unanswered, half] = ['/unanswered', '/half'].map((path) => session.request({ ':path': path }));
  if (unanswered === undefined || half === undefined) throw new Error('two were made');
  const waits = answerTo(unanswered, never);
  await answerTo(half, never);
  return { tunnels, agent, dialled, waits, reads: buffer(half) };
}

test.each<{ name: string; leave: (agent: ServerHttp2Session, dialled: Socket) => void }>([
  { name: 'stops', leave: (agent) => agent.destroy(new Error('it stops')) },
  { name: 'is ended', leave: (_agent, dialled) => dialled.end() },
  { name: 'breaks down', leave: (_agent, dialled) => dialled.resetAndDestroy() },
])(
  'RG-52 who waits for or reads an answer of an agent that $name is told at once, and its tunnel is gone',
  async ({ leave }) => {
    await using cleanup = new AsyncDisposableStack();
    const { tunnels, agent, dialled, waits, reads } = await openTunnel(cleanup);
    leave(agent, dialled);
    await expect(waits).rejects.toThrow();
    await expect(reads).rejects.toThrow();
    expect(tunnels.get('m1')).toBeUndefined();
  },
);
