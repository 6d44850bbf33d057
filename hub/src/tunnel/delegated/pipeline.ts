import {
  ApiError,
  apiError,
  badRequest,
  ignoreNotFound,
  MemberCluster,
  notFound,
  StatusReason,
} from '@quarterdeck/apis';
import {
  type ApiRequest,
  type ApiResponse,
  type ConnectHandler,
  forbidden,
  type Pipeline,
  type UserInfo,
} from '@quarterdeck/apiserver';
import {
  type Client,
  type Clock,
  encodeJson,
  type JsonObject,
  type Logger,
  tunnelAudience,
} from '@quarterdeck/machinery';
import { explanationHandler } from '../../explanation.ts';
import { proxyHandler } from '../proxy.ts';
import { tunnelHandler } from '../subresources.ts';
import { tokenHandler } from '../token.ts';
import type { Tunnels } from '../tunnels.ts';
import { type Asked, type Delegation, verdictMs } from './delegation.ts';
import { type Door, doorOf, verbOf } from './doors.ts';
import { readObject } from './read-object.ts';

export interface DoorsOptions {
  readonly tunnels: Tunnels;
  readonly delegation: Delegation;
  /** Under the hub's own identity: reads MemberClusters, and what explanations are made of. */
  readonly hubClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What CRDs of a Kubernetes hub cannot have, on a port of the hub program: the same paths, users and rights as if that
 * Kubernetes served them, by its own reviews. Who loses the right has open streams cut. RG-50, RG-51, RG-53, PL-34
 */
export function doorsPipeline(options: DoorsOptions): Pipeline {
  const { tunnels, hubClient, clock } = options;
  const handlers: Readonly<Record<Door['subresource'], ConnectHandler>> = {
    proxy: proxyHandler(tunnels),
    tunnel: tunnelHandler(tunnels),
    token: memberToken(options),
    explanation: explanationHandler({ reader: () => hubClient, clock }),
  };
  return async (request) => {
    try {
      if (request.path === '/healthz') return { status: 200, headers: {}, body: Buffer.from('ok') };
      const door = doorOf(request.path);
      if (door === undefined) throw nothingHere();
      const user = await admit(options, request, door);
      const query = request.query.toString();
      const target = `${door.rest === '' ? '/' : door.rest}${query === '' ? '' : `?${query}`}`;
      const held = hold(options, request, door);
      try {
        const { signal } = held;
        const { namespace, name } = door;
        return held.until(await handlers[door.subresource]({ user, namespace, name, target, request, signal }));
      } catch (error) {
        held.end();
        throw error;
      }
    } catch (error) {
      return failure(options.logger, error);
    }
  };
}

/** `memberclusters/NAME/token`, as our own hub answers it; its second right is asked of the Kubernetes hub as well. RG-51 */
function memberToken({ tunnels, delegation, clock }: DoorsOptions): ConnectHandler {
  const handle = tokenHandler(tunnels);
  return async ({ user, name, request, signal }) => {
    const asked = await readObject(request.body);
    const answer = await handle(asked, {
      user,
      namespace: '',
      name,
      dryRun: request.query.has('dryRun'),
      signal,
      now: clock.now(),
      authorize: async (attributes) => ({ allowed: await delegation.authorize(user, attributes), reason: '' }),
    });
    const body = Buffer.from(encodeJson(answer), 'utf8');
    return { status: 201, headers: { 'content-type': 'application/json' }, body };
  };
}

async function admit({ delegation, hubClient }: DoorsOptions, request: ApiRequest, door: Door): Promise<UserInfo> {
  if (Object.keys(request.headers).some((header) => header.startsWith('impersonate-'))) {
    throw badRequest('nobody acts as another on this port: ask as yourself');
  }
  const verb = verbOf(door, request.method);
  if (verb === undefined) throw apiError(StatusReason.MethodNotAllowed, `${request.method} is not possible here`);
  const clientCertificate = request.peer.type === 'network' ? request.peer.clientCertificate : undefined;
  const shown = { authorization: request.headers.authorization, clientCertificate };
  const { resource, subresource, namespace, name } = door;
  const user = await delegation.authenticate(shown, subresource === 'proxy' ? tunnelAudience(name) : undefined);
  const asked: Asked = { verb, resource, subresource, namespace, name };
  if (!(await delegation.authorize(user, asked))) {
    throw forbidden({ user, group: 'quarterdeck.dev', version: 'v1alpha1', ...asked }, '');
  }
  const isMember = resource === 'memberclusters';
  if (isMember && (await ignoreNotFound(hubClient.get(MemberCluster, { name }))) === undefined) {
    throw notFound(MemberCluster, name);
  }
  return user;
}

/** Asks again and again, for as long as an answer is under way, whether it might still be asked for. */
function hold(options: DoorsOptions, request: ApiRequest, door: Door) {
  const { clock } = options;
  const lost = new AbortController();
  let isOver = false;
  const again = () => {
    admit(options, request, door).then(wait, (error: unknown) => {
      // A hub that is too busy to judge has not judged.
      const isVerdict = error instanceof ApiError && error.code < 500 && error.code !== 429;
      if (isVerdict) lost.abort(error);
      else wait();
    });
  };
  const wait = () => {
    if (!isOver) timer = clock.after(verdictMs, again);
  };
  let timer = clock.after(verdictMs, again);
  const end = () => {
    isOver = true;
    timer.cancel();
    request.signal.removeEventListener('abort', end);
  };
  request.signal.addEventListener('abort', end, { once: true });
  return {
    signal: AbortSignal.any([request.signal, lost.signal]),
    end,
    /** The same answer, which ends the asking when it is over. */
    until(response: ApiResponse): ApiResponse {
      const { takeOver, body } = response;
      if (takeOver !== undefined) {
        return {
          ...response,
          takeOver(connection) {
            connection.once('close', end);
            // A stream that is raw has nobody else who would hear of it.
            lost.signal.addEventListener('abort', () => connection.destroy(), { once: true });
            takeOver(connection);
          },
        };
      }
      if (!(body instanceof Uint8Array)) return { ...response, body: untilOver(body, end) };
      end();
      return response;
    },
  };
}

async function* untilOver(body: AsyncIterable<Uint8Array>, over: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    over();
  }
}

const nothingHere = () =>
  apiError(
    StatusReason.NotFound,
    'this port serves proxy, tunnel and token of member clusters and explanations of placements, and nothing else',
  );

function failure(logger: Logger, error: unknown): ApiResponse {
  const known = error instanceof ApiError ? error : undefined;
  const { status, code } = known ?? apiError(StatusReason.InternalError, 'the hub program could not answer');
  if (known === undefined) logger.error({ err: error }, 'a request to the port of the hub program failed');
  const body = Buffer.from(encodeJson(status as unknown as JsonObject), 'utf8');
  return { status: code, headers: { 'content-type': 'application/json' }, body };
}
