import { apiError, notFound, StatusReason } from '@quarterdeck/apis';
import type { Clock } from '@quarterdeck/machinery';
import type { Subresource } from '../../registry/definition.ts';
import { methodNotAllowed, unknownPath } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../http-message.ts';
import { keyOf } from '../names.ts';
import type { RequestScope } from '../scope.ts';

type Connect = Extract<Subresource, { type: 'connect' }>;
type ConnectScope = Pick<RequestScope, 'server' | 'request' | 'info' | 'resource' | 'user' | 'standing'>;

/** What a request under way when its credential ends may still take: as long as any request may. KA-8 */
const finishMs = 60_000;

/**
 * Hands a request to the door it is for, and holds its right: when the caller could not make the request again, the
 * answer is broken off; that of a watch ends cleanly, as that of our own watches. When a credential ends by itself, as one of
 * ten minutes soon does, a watch and what switched protocols end with it, and any other answer may be finished. RG-22, RG-50
 */
export async function handleConnect(scope: ConnectScope, connect: Connect): Promise<ApiResponse> {
  const { server, request, info, standing } = scope;
  const { verb } = info;
  if (!connect.verbs.some((known) => known === verb)) throw methodNotAllowed();
  if (server.store.get(keyOf(scope)) === undefined) throw notFound(scope.resource.definition, info.name);
  if (info.namespaced !== (scope.resource.definition.scope === 'Namespaced')) throw unknownPath();
  const ended = new AbortController();
  const end = () => ended.abort(lost());
  const right = standing.hold(end);
  const isWatch = asksToWatch(request);
  const mayFinish = !isWatch && request.upgrade === undefined;
  const { expiresAt = Number.POSITIVE_INFINITY } = standing;
  const credential = atTime(server.clock, mayFinish ? expiresAt + finishMs : expiresAt, end);
  const letGo = () => {
    request.signal.removeEventListener('abort', letGo);
    right[Symbol.dispose]();
    credential[Symbol.dispose]();
  };
  // A client may be gone before its answer is looked at for the first time.
  request.signal.addEventListener('abort', letGo, { once: true });
  const signal = AbortSignal.any([request.signal, ended.signal]);
  try {
    signal.throwIfAborted();
    const { user } = scope;
    const { namespace, name } = info;
    const response = await connect.handle({ user, namespace, name, target: targetOf(scope), request, signal });
    return held(response, letGo, () => isWatch && ended.signal.aborted);
  } catch (error) {
    letGo();
    throw error;
  }
}

const lost = () =>
  apiError(StatusReason.Forbidden, 'the right to this request was taken away, or the credential has ended');

function targetOf({ info, request }: ConnectScope): string {
  const query = request.query.toString();
  return `${info.proxyPath ?? '/'}${query === '' ? '' : `?${query}`}`;
}

/** Whether the answer is a stream of events, which may end anywhere: whoever reads it asks again. */
const asksToWatch = ({ method, query }: ApiRequest): boolean =>
  method === 'GET' && /^(?:|1|t|true)$/i.test(query.get('watch') ?? 'false');

/** The same answer, which lets go when it is over, and is over rather than broken off where it `endsHere`. */
function held(response: ApiResponse, letGo: () => void, endsHere: () => boolean): ApiResponse {
  const { takeOver, body } = response;
  if (takeOver !== undefined) {
    return {
      ...response,
      takeOver(connection) {
        connection.once('close', letGo);
        takeOver(connection);
      },
    };
  }
  if (!(body instanceof Uint8Array)) return { ...response, body: until(body, letGo, endsHere) };
  letGo();
  return response;
}

async function* until(
  body: AsyncIterable<Uint8Array>,
  over: () => void,
  endsHere: () => boolean,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!endsHere()) throw error;
  } finally {
    over();
  }
}

/** Timers of more than 24 days overflow. */
const longestMs = 2 ** 31 - 1;

/** Calls back at a moment, however far away; infinity: never. */
function atTime(clock: Clock, at: number, callback: () => void): Disposable {
  if (at === Number.POSITIVE_INFINITY) return { [Symbol.dispose]: () => undefined };
  const wait = () => clock.after(Math.min(Math.max(0, at - clock.now()), longestMs), look);
  const look = () => {
    if (clock.now() >= at) callback();
    else timer = wait();
  };
  let timer = wait();
  return { [Symbol.dispose]: () => timer.cancel() };
}
