import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * Lets a write that meets a connection whose other end has closed pass as done, and throws away what is written from then on.
 * node:net would destroy the socket with that error, and with it all that the other end said before it closed and nobody
 * has read yet: the rest of an answer, or a refusal that came before the end of a body. RG-52
 *
 * Only where all of that is there: EPIPE says that the end of the other direction had come before the reset. ECONNRESET says that
 * it had not, and is told once, by a read or by a write: passed over, the next read would find a clean end where something
 * was lost.
 */
export function dropLateWrites(socket: Socket): void {
  let isClosedThere = false;
  const watched =
    (done: Done): Done =>
    (error) => {
      isClosedThere ||= !socket.destroyed && isHarmless(socket, error);
      if (isClosedThere) done();
      else done(error);
    };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => {
    if (isClosedThere) done();
    else write(chunk, encoding, watched(done));
  };
  const writeAll = socket._writev?.bind(socket);
  if (writeAll === undefined) return;
  socket._writev = (chunks, done) => {
    if (isClosedThere) done();
    else writeAll(chunks, watched(done));
  };
}

function isHarmless(socket: Socket, error: NodeJS.ErrnoException | null | undefined): boolean {
  if (error?.code === 'EPIPE') return true;
  return error?.code === 'ECONNRESET' && socket.readableEnded;
}
