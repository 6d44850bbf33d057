import type { Http2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../runtime/clock.ts';
import { firstLiveness, livenessPeriodMs, stepLiveness } from './liveness.ts';

/** Ends a session, and its connection, whose other end gives no sign of life any more. RG-52 */
export function watchLiveness(session: Http2Session, connection: Duplex, clock: Clock): void {
  let state = firstLiveness;
  let answered = false;
  let seen = bytesRead(connection);
  const tick = () => {
    if (session.destroyed) return;
    const read = bytesRead(connection);
    if (answered || read !== seen) state = stepLiveness(state, 'heard').next;
    answered = false;
    seen = read;
    const { next, action } = stepLiveness(state, 'tick');
    state = next;
    if (action === 'cut') {
      session.destroy(new Error('the other end of the tunnel is silent'));
      connection.destroy();
      return;
    }
    if (action === 'ping') ping();
    timer = clock.after(livenessPeriodMs, tick);
  };
  const ping = () => {
    if (session.closed || session.destroyed) return;
    session.ping((error) => {
      if (error === null) answered = true;
    });
  };
  let timer = clock.after(livenessPeriodMs, tick);
  session.once('close', () => timer.cancel());
}

/** Of what is no socket: nothing is known. */
const bytesRead = (connection: Duplex): number =>
  'bytesRead' in connection && typeof connection.bytesRead === 'number' ? connection.bytesRead : 0;
