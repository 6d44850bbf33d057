import {
  ApiError,
  apiError,
  badRequest,
  ignoreNotFound,
  MemberCluster,
  notFound,
  StatusReason,
} from '@quarterdeck/apis';
import type { ApiRequest, ApiResponse, ConnectHandler, Pipeline, UserInfo } from '@quarterdeck/apiserver';
import {
  type Client,
  type Clock,
  encodeJson,
  type JsonObject,
  type Logger,
  tunnelAudience,
} from '@quarterdeck/machinery';
import { proxyHandler } from '../proxy.ts';
import { tunnelHandler } from '../subresources.ts';
import type { Tunnels } from '../tunnels.ts';
import { type Delegation, verdictMs } from './delegation.ts';

export interface DoorsOptions {
  readonly tunnels: Tunnels;
  readonly delegation: Delegation;
  /** Reads MemberClusters. */
  readonly hubClient: Pick<Client, 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The same paths as on our own hub: what follows `proxy` is the member's. */
const path =
  /^\/apis\/quarterdeck\.dev\/v1alpha1\/memberclusters\/(?<name>[a-z0-9-]+)\/(?<door>proxy|tunnel)(?<rest>\/.*)?$/;

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * What CRDs of a Kubernetes hub cannot have, on a port of the hub program: the same paths, users and rights as if that
 * Kubernetes served them, by its own reviews. Who loses the right has open streams cut. RG-50, RG-53
 */
export function doorsPipeline(options: DoorsOptions): Pipeline {
  const handlers: Readonly<Record<string, ConnectHandler>> = {
    proxy: proxyHandler(options.tunnels),
    tunnel: tunnelHandler(options.tunnels),
  };
  return async (request) => {
    try {
      if (request.path === '/healthz') return { status: 200, headers: {}, body: Buffer.from('ok') };
      const { name, door, rest } = path.exec(request.path)?.groups ?? {};
      const handle = handlers[door ?? ''];
      if (name === undefined || handle === undefined || (door === 'tunnel' && rest !== undefined)) throw nothingHere();
      const user = await admit(options, request, { name, door: door ?? '' });
      const query = request.query.toString();
      const target = `${rest ?? '/'}${query === '' ? '' : `?${query}`}`;
      const held = hold(options, request, { name, door: door ?? '' });
      try {
        const { signal } = held;
        return held.until(await handle({ user, namespace: '', name, target, request, signal }));
      } catch (error) {
        held.end();
        throw error;
      }
    } catch (error) {
      return failure(options.logger, error);
    }
  };
}

interface Door {
  readonly name: string;
  readonly door: string;
}

/** @throws ApiError Unauthorized, Forbidden, NotFound */
async function admit(
  { delegation, hubClient }: DoorsOptions,
  request: ApiRequest,
  { name, door }: Door,
): Promise<UserInfo> {
  if (Object.keys(request.headers).some((header) => header.startsWith('impersonate-'))) {
    throw badRequest('nobody acts as another on this port: ask as yourself');
  }
  const verb = verbs[request.method];
  if (verb === undefined) throw apiError(StatusReason.MethodNotAllowed, `${request.method} is not possible here`);
  const clientCertificate = request.peer.type === 'network' ? request.peer.clientCertificate : undefined;
  const shown = { authorization: request.headers.authorization, clientCertificate };
  const user = await delegation.authenticate(shown, door === 'proxy' ? tunnelAudience(name) : undefined);
  if (!(await delegation.authorize(user, { verb, subresource: door, name }))) {
    throw apiError(
      StatusReason.Forbidden,
      `memberclusters.quarterdeck.dev "${name}" is forbidden: User "${user.name}" cannot ${verb} resource "memberclusters/${door}" in API group "quarterdeck.dev" at the cluster scope`,
    );
  }
  if ((await ignoreNotFound(hubClient.get(MemberCluster, { name }))) === undefined) {
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
      const isVerdict = error instanceof ApiError && error.code < 500;
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
  apiError(StatusReason.NotFound, 'this port serves the proxy and the tunnels of member clusters, and nothing else');

function failure(logger: Logger, error: unknown): ApiResponse {
  const known = error instanceof ApiError ? error : undefined;
  const { status, code } = known ?? apiError(StatusReason.InternalError, 'the hub program could not answer');
  if (known === undefined) logger.error({ err: error }, 'a request to the port of the hub program failed');
  const body = Buffer.from(encodeJson(status as unknown as JsonObject), 'utf8');
  return { status: code, headers: { 'content-type': 'application/json' }, body };
}
