import { createServer } from 'node:net';

/*
 * A port of the range from which the system takes those of outgoing connections (on Linux 32768 and up) can be lost to any
 * connection between the moment it was seen free and the moment the program that is to listen on it does, and again while
 * that program is being restarted. So ports come from below it; each process of a test run begins at another place.
 */
const firstPort = 20_000;
const lastPort = 31_999;
const portsOfAProcess = 100;

const places = Math.floor((lastPort - firstPort + 1) / portsOfAProcess);
let next = firstPort + (process.pid % places) * portsOfAProcess;

/**
 * TCP ports on loopback for programs that must be told theirs: all different, each given once by this process, none of them
 * in use now.
 *
 * @throws Error when all of the range are taken
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried > lastPort - firstPort) throw new Error(`no free port from ${firstPort} to ${lastPort}`);
    const port = next;
    next = port === lastPort ? firstPort : port + 1;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
