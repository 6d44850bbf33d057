import { once } from 'node:events';
import { connect, type Http2Session, performServerHandshake } from 'node:http2';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { eventually, fakeClock } from '../testing/index.ts';
import { watchLiveness } from './watch-liveness.ts';

/** Hub and agent with a wire between them that can be cut so that neither hears of it. */
async function openPair(cleanup: AsyncDisposableStack) {
  const sockets: Socket[] = [];
  let isCut = false;
  const between = createServer((near) => {
    const far = connectSocket((behind.address() as AddressInfo).port);
    sockets.push(near, far);
    near.on('data', (bytes) => isCut || far.write(bytes)).on('error', () => undefined);
    far.on('data', (bytes) => isCut || near.write(bytes)).on('error', () => undefined);
  }).listen(0);
  const behind = createServer().listen(0);
  cleanup.defer(() => {
    for (const socket of sockets) socket.destroy();
    between.close();
    behind.close();
  });
  const accepted = once(behind, 'connection') as Promise<[Socket]>;
  const dialled = connectSocket((between.address() as AddressInfo).port);
  const [socket] = await accepted;
  sockets.push(dialled, socket);
  const agent = performServerHandshake(dialled, {});
  const hub = connect('http://member.invalid', { createConnection: () => socket });
  for (const session of [agent, hub]) session.on('error', () => undefined);
  await once(hub, 'connect');
  const cut = () => {
    isCut = true;
  };
  return { agent, hub, dialled, socket, cut };
}

const rounds = 4;

test('RG-52, F-13 a half-open connection is noticed on both sides within 30 s, an idle one lives on', async () => {
  await using cleanup = new AsyncDisposableStack();
  const clock = fakeClock();
  const { agent, hub, dialled, socket, cut } = await openPair(cleanup);
  watchLiveness(agent, dialled, clock);
  watchLiveness(hub, socket, clock);
  const pinged = (session: Http2Session) => once(session, 'ping');
  for (let round = 0; round < rounds * 3; round += 1) {
    const both = Promise.all([pinged(agent), pinged(hub)]);
    await clock.advance(7_000);
    await both;
    // Its answer is under way.
    await new Promise((resolve) => hub.ping(resolve));
    await new Promise((resolve) => agent.ping(resolve));
  }
  expect([agent.destroyed, hub.destroyed]).toEqual([false, false]);
  cut();
  for (let round = 0; round < rounds; round += 1) await clock.advance(7_000);
  await eventually(() => agent.destroyed && hub.destroyed && dialled.destroyed && socket.destroyed);
});
