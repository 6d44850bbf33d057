import { connect, createServer, type Socket } from 'node:net';

/** A network between an agent and its hub that is slow, and loses what is under way. F-16 */
export interface LossyLink extends AsyncDisposable {
  /** The same URL, through the link. */
  readonly url: string;
  /** Connections that were lost under way. */
  readonly losses: number;
  /** From now on it delivers at once and loses nothing. */
  heal(): void;
}

export interface LossyLinkOptions {
  /** Of each direction, ms. */
  readonly delayMs: number;
  /** Of a piece of data to be lost, and with it the connection: what TCP makes of a loss that lasts. 0 to 1. */
  readonly loss: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** @param target `https://host:port`; what goes through is not looked at */
export async function startLossyLink(target: string, options: LossyLinkOptions): Promise<LossyLink> {
  const { hostname, port } = new URL(target);
  let { delayMs, loss } = options;
  let losses = 0;
  const sockets = new Set<Socket>();
  const carry = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => {
      if (options.random() < loss) {
        losses++;
        from.destroy();
        to.destroy();
        return;
      }
      // Timers of one length end in their order, so pieces stay in theirs.
      setTimeout(() => to.destroyed || to.write(chunk), delayMs);
    });
    from.on('error', () => {});
    from.on('close', () => setTimeout(() => to.destroy(), delayMs));
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    carry(client, upstream);
    carry(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the link has no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    get losses() {
      return losses;
    },
    heal() {
      delayMs = 0;
      loss = 0;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
