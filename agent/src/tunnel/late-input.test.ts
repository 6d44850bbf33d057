import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer as createHttp2Server,
} from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { type Client, createRawAgent, encodeCaller, systemClock, tunnelHeader } from '@quarterdeck/machinery';
import { eventually, testAuthority, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { defaultTunnelPolicy } from './policy.ts';
import { serveRequest } from './serve-request.ts';

/** What a member says: more than the window of a stream, so that the agent still holds some when the member closes. */
const output = {
  /** Less than it and the kernel hold together. */
  much: Buffer.alloc(112 * 1024, 'q'),
  /** So little that it has read all. */
  little: Buffer.alloc(72 * 1024, 'q'),
} as const;

const authority = testAuthority();
const keys = authority.issue('m1');

interface Case {
  readonly scheme: 'http' | 'https';
  readonly says: keyof typeof output;
  readonly head: string;
  /** Whether the member closes with input that it did not read, which the kernel tells the agent as a reset. */
  readonly leaves: 'nothing' | 'unread';
}

/** A tunnel to a member that answers a request with `head` and the output. */
async function startMember({ scheme, says, head, leaves }: Case, cleanup: AsyncDisposableStack) {
  const sockets: Socket[] = [];
  const asked = Promise.withResolvers<Socket>();
  const listen = async (server: Server) => {
    server.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup.defer(() => void server.close());
    return (server.address() as AddressInfo).port;
  };
  const serve = (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (leaves === 'unread') socket.pause();
      socket.write(head);
      socket.write(output[says]);
      asked.resolve(socket);
    });
  };
  const port = await listen(scheme === 'http' ? createServer(serve) : createTlsServer(keys, serve));
  const baseUrl = new URL(`${scheme}://127.0.0.1:${port}`);
  const agent = createRawAgent({ baseUrl: baseUrl.href, tls: { ca: authority.cert } }, systemClock);
  const member = {
    agent,
    baseUrl,
    token: { current: async () => 'token', forget: () => undefined },
    policy: { current: () => ({ type: 'known', policy: defaultTunnelPolicy }) as const },
    memberClient: {} as Client,
    logger: testLogger(),
  };
  const tunnelEnd = createHttp2Server();
  tunnelEnd.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void serveRequest(member, stream, headers);
  });
  const session = connect(`http://127.0.0.1:${await listen(tunnelEnd)}`);
  cleanup.defer(() => {
    agent.destroy();
    session.destroy();
    for (const socket of sockets) socket.destroy();
  });
  return { session, asked: asked.promise };
}

/** Returns once the agent has it: it answers the PING after the piece. */
async function sendPiece(session: ClientHttp2Session, stream: ClientHttp2Stream): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write('late', (error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve, reject) => session.ping((error) => (error === null ? resolve() : reject(error))));
}

const request = {
  ':method': 'POST',
  ':path': '/api',
  [tunnelHeader.caller]: encodeCaller({ user: 'ada', groups: [] }),
};
const upgrade = { [tunnelHeader.upgrade]: 'websocket' };
const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n';
const early = `HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: ${output.much.byteLength}\r\n\r\n`;

const switched = { what: 'a stream that switched protocols', wish: upgrade, status: 200 };
const refused = { what: 'an answer before the end of a body', wish: {}, status: 413 };
const [http, https] = ['http', 'https'] as const;
const much = { says: 'much', leaves: 'nothing' } as const;
const little = { says: 'little', leaves: 'unread' } as const;
test.each([
  { ...switched, ...much, head: switching, scheme: http },
  { ...switched, ...much, head: switching, scheme: https },
  { ...switched, ...little, head: switching, scheme: https },
  { ...refused, ...much, head: early, scheme: http },
  { ...refused, ...much, head: early, scheme: https },
])(
  'RG-52 input that comes when the member has closed takes nothing from what it said before: $what, $scheme, $leaves left',
  async ({ wish, status, ...member }) => {
    await using cleanup = new AsyncDisposableStack();
    const { session, asked } = await startMember(member, cleanup);
    const stream = session.request({ ...request, ...wish });
    const answered = once(stream, 'response');
    stream.write('first');
    const socket = await asked;
    const [headers] = await answered;
    expect(headers[':status']).toBe(status);
    if (member.leaves === 'unread') await sendPiece(session, stream);
    // The agent has what the window of the stream does not hold up, and the kernel the rest, before the member closes.
    await eventually(() => stream.readableLength >= 32 * 1024 && socket.writableLength === 0);
    socket.destroySoon();
    await eventually(() => socket.closed);
    for (let piece = 0; piece < 5; piece++) await sendPiece(session, stream);
    expect((await buffer(stream)).equals(output[member.says])).toBe(true);
    stream.end();
    await once(stream, 'close');
    expect(stream.rstCode).toBe(0);
  },
);

test('RG-52 what a member said before it broke its connection off never looks whole, whatever came late', async () => {
  await using cleanup = new AsyncDisposableStack();
  const member = { ...much, head: switching, scheme: http };
  const { session, asked } = await startMember(member, cleanup);
  const stream = session.request({ ...request, ...upgrade });
  stream.write('first');
  const socket = await asked;
  await eventually(() => stream.readableLength >= 32 * 1024);
  const read = buffer(stream);
  socket.resetAndDestroy();
  stream.write('late');
  await expect(read).rejects.toThrow();
});
