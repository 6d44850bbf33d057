import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { testAuthority } from '../testing/certificates.ts';
import { eventually } from '../testing/eventually.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { type Connector, createConnector } from './connector.ts';

const authority = testAuthority();
const periodMs = 7_000;

/** A peer that agrees on HTTP/2 and then says nothing unless told to; and a connector to it on a fake clock. */
async function silentPeer() {
  const peers: TLSSocket[] = [];
  const server = createServer({ ...authority.issue('peer'), ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    socket.on('error', () => undefined);
    peers.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clock = fakeClock();
  const url = new URL(`https://127.0.0.1:${port}`);
  const options = { url, tls: { ca: authority.cert }, verify: true, proxy: undefined, timeoutMs: 5_000, clock };
  const connector: Connector = createConnector(options);
  return {
    clock,
    connector,
    say: (text: string) => peers.forEach((peer) => void peer.write(text)),
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('F-13 an HTTP/2 connection on which nothing arrives is cut within 30 s', async () => {
  await using peer = await silentPeer();
  const { socket, protocol } = await peer.connector.connect('any');
  const failed = new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(protocol).toBe('h2');
  await peer.clock.advance(2 * periodMs);
  expect(socket.destroyed).toBe(false);
  // What the handshake left to be read may count as life in the first period.
  await peer.clock.advance(2 * periodMs);
  expect((await failed).message).toBe('nothing received for 21 s');
});

test('F-13 a connection on which something arrives in time stays', async () => {
  await using peer = await silentPeer();
  const { socket } = await peer.connector.connect('any');
  socket.resume();
  for (let round = 1; round <= 6; round += 1) {
    await peer.clock.advance(periodMs);
    const before = socket.bytesRead;
    peer.say('x');
    await eventually(() => socket.bytesRead > before);
  }
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test('F-13 HTTP/1.1, where silence is usual, is left to the kernel', async () => {
  await using peer = await silentPeer();
  const { socket, protocol } = await peer.connector.connect('http/1.1');
  expect(protocol).toBe('http/1.1');
  await peer.clock.advance(10 * periodMs);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});
