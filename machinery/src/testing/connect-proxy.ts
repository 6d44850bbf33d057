import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy on loopback that speaks CONNECT. RG-55 */
export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** What it was asked for, in order. */
  readonly seen: { readonly target: string | undefined; readonly authorization: string | undefined }[];
}

export interface ConnectProxyOptions {
  /** The status that it answers. Default 200: it connects. */
  readonly verdict?: number;
  /** Where names lead that nobody but the proxy knows. Default: as they are. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** Starts one; open connections end with it. */
export async function startConnectProxy({
  verdict = 200,
  hosts = {},
}: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const seen: { target: string | undefined; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  proxy.on('connect', (request, socket, head) => {
    seen.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    // Whoever is refused may leave at once, and nothing of node:http listens any more.
    socket.on('error', () => undefined);
    if (verdict !== 200) return void socket.end(`HTTP/1.1 ${verdict} No\r\n\r\n`);
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), hosts[host] ?? host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
