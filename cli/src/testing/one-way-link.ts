import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Which direction of a link is lost; what goes the other way arrives. */
export type Lost = 'nothing' | 'toHub' | 'toAgent';

/** A network between agents and their hub that can fail one way only: bytes vanish, nobody is told. F-15 */
export interface OneWayLink extends AsyncDisposable {
  /** What agents dial instead of the hub. */
  readonly url: string;
  lose(direction: Lost): void;
  /** From now on agents that dial the link reach this hub. */
  leadTo(hubUrl: string): void;
}

export async function startOneWayLink(hubUrl: string): Promise<OneWayLink> {
  let target = new URL(hubUrl);
  const sockets = new Set<Socket>();
  let lost: Lost = 'nothing';
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const server = createServer((agent) => {
    const hub = connect(Number(target.port), target.hostname);
    for (const socket of [agent, hub]) keep(socket);
    const pass = (from: Socket, to: Socket, direction: Lost) => {
      from.on('data', (chunk: Buffer) => {
        if (lost !== direction) to.write(chunk);
      });
      // The end of a connection is lost with everything else.
      from.on('close', () => {
        if (lost !== direction) to.destroy();
      });
    };
    pass(agent, hub, 'toHub');
    pass(hub, agent, 'toAgent');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    lose(direction) {
      lost = direction;
      // A stream that lost bytes in its middle is none any more: its sides find out, or it is cut when the network is back.
      if (direction === 'nothing') for (const socket of sockets) socket.destroy();
    },
    leadTo(next) {
      target = new URL(next);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
