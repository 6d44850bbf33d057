import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Socket as ClientSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stands between a client and PostgreSQL's unix socket, and fails as networks do. */
export interface FaultProxy extends AsyncDisposable {
  /** The same URL, through this proxy. */
  readonly url: string;
  /**
   * Decides on each message of a client that contains `text`, once: `loseReply` passes it on and cuts the client off
   * before the answer; `delay` cuts the client off and passes it on later, by `release`. The client of the other two
   * waits: `keep` passes nothing on any more, `keepReply` passes the message on and keeps the answer.
   */
  once(text: string, fault: FaultType): Fault;
  /** Cuts everyone off. */
  cut(): void;
  /** While on, nobody gets through; who is connected is cut off. */
  refuse(on: boolean): void;
}

type FaultType = 'loseReply' | 'delay' | 'keep' | 'keepReply';

interface Fault {
  /** The message came, and its client was cut off or waits. */
  readonly hit: Promise<void>;
  /** Passes a delayed message on. */
  release(): void;
  /** The server has answered it, to nobody. Of what a transaction did by itself, it is committed. */
  readonly answered: Promise<void>;
}

const socketName = '.s.PGSQL.5432';

interface Armed {
  readonly text: string;
  readonly fault: FaultType;
  readonly hit: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
  readonly answered: PromiseWithResolvers<void>;
}

/** @param url with the directory of a unix socket as `host` */
export async function startFaultProxy(url: string): Promise<FaultProxy> {
  const target = new URL(url).searchParams.get('host') ?? '';
  const directory = await mkdtemp(join(tmpdir(), 'qd-proxy-'));
  const clients = new Set<Socket>();
  let armed: Armed | undefined;
  let refusing = false;

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    clients.add(client);
    const upstream = new ClientSocket().connect(join(target, socketName));
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => peer.destroy());
    }
    client.on('close', () => clients.delete(client));
    upstream.on('data', (chunk) => client.write(chunk));
    client.on('data', (chunk) => {
      if (armed === undefined || !chunk.includes(armed.text)) {
        upstream.write(chunk);
        return;
      }
      const current = armed;
      armed = undefined;
      if (current.fault === 'keep' || current.fault === 'keepReply') {
        client.removeAllListeners('data');
        upstream.removeAllListeners('data');
        upstream.once('data', current.answered.resolve);
        if (current.fault === 'keepReply') upstream.write(chunk);
        current.hit.resolve();
        return;
      }
      detach(client, upstream);
      upstream.once('data', () => {
        upstream.end();
        current.answered.resolve();
      });
      if (current.fault === 'loseReply') upstream.write(chunk);
      else current.released.promise.then(() => upstream.write(chunk)).catch(current.answered.reject);
      client.destroy();
      current.hit.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(join(directory, socketName), resolve));

  const throughProxy = new URL(url);
  throughProxy.searchParams.set('host', directory);
  return {
    url: throughProxy.href,
    once(text, fault) {
      const hit = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const answered = Promise.withResolvers<void>();
      armed = { text, fault, hit, released, answered };
      return { hit: hit.promise, release: released.resolve, answered: answered.promise };
    },
    cut() {
      for (const client of clients) client.destroy();
    },
    refuse(on) {
      refusing = on;
      if (on) for (const client of clients) client.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What happens to the client from here on is no longer the server's concern. */
function detach(client: Socket, upstream: ClientSocket): void {
  client.removeAllListeners('close');
  client.removeAllListeners('data');
  upstream.removeAllListeners('data');
}
