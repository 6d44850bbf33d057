import { randomUUID } from 'node:crypto';
import { type ApiError, isUnauthorized } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { Authentication, Credentials } from '../authn/authenticator.ts';
import { impersonate } from '../authn/impersonation.ts';
import { offeredProtocols, webSocketToken } from '../authn/websocket-token.ts';
import type { Attributes } from '../authz/authorizer.ts';
import { forbidden } from '../authz/forbidden.ts';
import { createStanding, type Standing } from '../authz/standing.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import { negotiate, wantsPretty } from './accept.ts';
import { compress } from './compress.ts';
import { deadlineOf, startDeadline, watchOpening } from './deadline.ts';
import { statusHeaders, toApiError, unknownPath } from './errors.ts';
import { handleConnect } from './handlers/connect.ts';
import type { ApiRequest, ApiResponse, Pipeline } from './http-message.ts';
import type { NonResourceHandler } from './non-resource.ts';
import { type Observation, observedRequest, withEnd } from './observe.ts';
import { render } from './render/render.ts';
import { parseRequestInfo, type RequestInfo, type ResourceRequest } from './request-info.ts';
import { dispatch, offerOf, resolveRequest, subresourceOf } from './route.ts';
import type { RequestScope, ServerParts } from './scope.ts';
import { createWarnings, type Warnings } from './warnings.ts';
import { handshakeProblem, wantsWebSocket, webSocketVersion } from './websocket/handshake.ts';
import { overWebSocket, type WatchResponse } from './websocket/watch-socket.ts';

export interface PipelineOptions extends ServerParts {
  /** Discovery, OpenAPI, version, health, metrics: asked in order, after authorization. */
  readonly nonResource: readonly NonResourceHandler[];
  /** Absent where the kinds of flow control are not served. */
  readonly flowControl?: Pick<FlowControl, 'classify'>;
}

/**
 * The whole server as one function: the filters of KA-9 in their order, then the handler. Nothing escapes it: every
 * failure is a Status with the headers that every response has.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  return async (request) => {
    const warnings = createWarnings();
    const base: Record<string, string> = {
      'audit-id': request.headers['audit-id'] ?? newAuditId(),
      'cache-control': 'no-cache, private',
    };
    let info: RequestInfo | undefined;
    let response: ApiResponse;
    let observation: Observation | undefined;
    const observe = () => options.observer?.begin(observedRequest(info, request.query, options.registry));
    try {
      info = parseRequestInfo(request.method, request.path, request.query);
      observation = observe();
      response = await answer(options, request, info, { warnings, headers: base });
    } catch (error) {
      const status = toApiError(error, request.signal);
      // What its own caller gave up, by leaving or stopping, has not failed.
      const isGivenUp = request.signal.aborted && error === request.signal.reason;
      if (status.code >= 500 && status !== error && !isGivenUp) options.logger.error({ err: error }, 'request failed');
      response = failure(status);
    }
    const warned = warnings.headers();
    observation ??= observe();
    observation?.answered(response.status);
    if (response.body instanceof Uint8Array || observation === undefined) observation?.ended();
    else response = { ...response, body: withEnd(response.body, request.signal, observation.ended) };
    if (isSocketWatch(request, info) && isStream(response)) response = overWebSocket(request, response);
    return {
      ...response,
      headers: { ...base, ...(warned.length === 0 ? {} : { warning: warned }), ...response.headers },
      body: request.method === 'HEAD' ? new Uint8Array() : response.body,
    };
  };
}

/** In one piece: Node.js puts its own together of twenty, and the headers of a watch are kept for as long as it is open. */
const newAuditId = (): string => Buffer.from(randomUUID(), 'latin1').toString('latin1');

/** A watch whose client wants it over WebSocket. KA-85b */
const isSocketWatch = (request: ApiRequest, info: RequestInfo | undefined): boolean =>
  info?.type === 'resource' && info.verb === 'watch' && wantsWebSocket(request);

const isStream = (response: ApiResponse): response is WatchResponse => !(response.body instanceof Uint8Array);

/** What is told beside the answer, whatever becomes of the request. */
interface Notes {
  readonly warnings: Warnings;
  /** Of the response. */
  readonly headers: Record<string, string>;
  /** Of a watch: see the scope. */
  readonly opening?: AbortSignal;
}

async function answer(
  options: PipelineOptions,
  request: ApiRequest,
  info: RequestInfo,
  notes: Notes,
): Promise<ApiResponse> {
  const isConnect = info.type === 'resource' && connectOf(options, info) !== undefined;
  const isWatch = info.type === 'resource' && info.verb === 'watch' && !isConnect;
  const allowance = isConnect ? undefined : isWatch ? watchOpening : deadlineOf(request);
  const deadline = startDeadline(options.clock, request.signal, allowance);
  const { signal } = deadline;
  try {
    // A watch keeps the request's own signal for as long as it lives, and follows the deadline's until it is open.
    const work = isWatch
      ? authorized(options, request, info, { ...notes, opening: signal })
      : authorized(options, { ...request, signal }, info, notes);
    return await deadline.race(isWatch || isConnect ? work : work.then((response) => compress(request, response)));
  } finally {
    deadline.cancel();
  }
}

/** The door to elsewhere that a request is for; undefined for any other request. */
function connectOf({ registry }: PipelineOptions, info: ResourceRequest) {
  if (info.subresource === '') return undefined;
  const resource = registry.resolve(info.group, info.version, info.resource);
  const subresource = resource === undefined ? undefined : subresourceOf(info, resource);
  return subresource?.type === 'connect' ? subresource : undefined;
}

async function authorized(
  options: PipelineOptions,
  request: ApiRequest,
  info: RequestInfo,
  { warnings, headers, opening }: Notes,
): Promise<ApiResponse> {
  const authenticate = authenticationOf(options, request, info);
  const authentication = await authenticate();
  const { user: caller } = authentication;
  const user = impersonate(request, caller, options.authorizer) ?? caller;
  const attributes: Attributes = attributesOf(info, user);
  Object.assign(headers, options.flowControl?.classify(attributes));
  const decision = options.authorizer.authorize(attributes);
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
  if (isSocketWatch(request, info)) openSocket(request, headers);
  if (info.type === 'resource') {
    const impersonation = user === caller ? undefined : { headers: request.headers, headerLists: request.headerLists };
    const asked = { caller, attributes, impersonation };
    const standing = standingOf(options, { authentication, authenticate, asked });
    const known = { warnings, standing, ...(opening === undefined ? {} : { opening }) };
    return handleResource(options, withoutToken(request), info, user, known);
  }
  for (const handler of options.nonResource) {
    const response = await handler(request, info);
    if (response !== undefined) return response;
  }
  throw unknownPath();
}

/** @throws ApiError BadRequest, Forbidden, with what the client may need to know beside it */
function openSocket(request: ApiRequest, headers: Record<string, string>): void {
  const problem = handshakeProblem(request.headers);
  if (problem === undefined) return;
  if (request.headers['sec-websocket-version'] !== webSocketVersion)
    headers['sec-websocket-version'] = webSocketVersion;
  throw problem;
}

/** The same request, for who passes it on: a token among its WebSocket subprotocols is nobody else's business. KA-85b */
function withoutToken(request: ApiRequest): ApiRequest {
  const name = 'sec-websocket-protocol';
  if (!wantsWebSocket(request) || request.headers[name] === undefined) return request;
  const offered = offeredProtocols(request.headers[name]);
  return { ...request, headers: { ...request.headers, [name]: offered.length === 0 ? undefined : offered.join(', ') } };
}

/** What a request is allowed to do by its caller's rights. */
interface Asked {
  readonly caller: Authentication['user'];
  readonly attributes: Attributes;
  /** The headers of one that acts as somebody else. */
  readonly impersonation: Pick<ApiRequest, 'headers' | 'headerLists'> | undefined;
}

interface StandingOf {
  readonly authentication: Authentication;
  readonly authenticate: () => Promise<Authentication>;
  readonly asked: Asked;
}

/** Apart from the request, which one that stays open shall not keep. */
function standingOf({ authorizer, credentials }: PipelineOptions, { asked, ...known }: StandingOf): Standing {
  return createStanding({
    ...known,
    authorizer,
    credentials,
    authorize(authorizer) {
      if (asked.impersonation !== undefined) impersonate(asked.impersonation, asked.caller, authorizer);
      return authorizer.authorize(asked.attributes).allowed;
    },
  });
}

/**
 * Authenticates whoever sent a request, as often as it is called; of the request it keeps what was presented, and no more.
 * @throws ApiError Unauthorized
 */
function authenticationOf(
  options: PipelineOptions,
  request: ApiRequest,
  info: RequestInfo,
): () => Promise<Authentication> {
  const { peer, headers } = request;
  if (peer.type === 'internal') return asInternal(peer.user);
  const { clientCertificate, identityHeaders = {} } = peer;
  const present = (authorization: string | undefined): Credentials => ({
    authorization,
    clientCertificate,
    identityHeaders,
  });
  const token = wantsWebSocket(request) ? webSocketToken(headers['sec-websocket-protocol']) : undefined;
  const audience = info.type === 'resource' ? connectOf(options, info)?.audience?.(info.name) : undefined;
  const asUsual = present(headers.authorization);
  if (token === undefined) return byOffers(options, [asUsual], audience);
  const byToken = present(`Bearer ${token}`);
  return byOffers(options, headers.authorization === undefined ? [byToken] : [asUsual, byToken], audience);
}

type Offers = readonly [Credentials, Credentials?];

const asInternal = (user: Authentication['user']) => async (): Promise<Authentication> => ({ user });

/** Tries the second, if there is one, where the first is refused. */
const byOffers =
  (options: PipelineOptions, [first, second]: Offers, audience: string | undefined) =>
  async (): Promise<Authentication> => {
    try {
      return await authenticateFor(options, first, audience);
    } catch (error) {
      if (second === undefined || !isUnauthorized(error)) throw error;
      return await authenticateFor(options, second, audience);
    }
  };

/** By what holds for the server, else by what holds for the door that the request is for. */
async function authenticateFor(
  { authenticator }: PipelineOptions,
  credentials: Credentials,
  audience: string | undefined,
): Promise<Authentication> {
  try {
    return await authenticator.authenticate(credentials);
  } catch (error) {
    if (audience === undefined || !isUnauthorized(error)) throw error;
    return await authenticator.authenticate(credentials, [audience]);
  }
}

function attributesOf(info: RequestInfo, user: Authentication['user']): Attributes {
  if (info.type === 'nonResource') return { user, verb: info.verb, path: info.path };
  const { group, version, resource, subresource, namespace, name } = info;
  return { user, verb: info.verb ?? '', group, version, resource, subresource, namespace, name };
}

async function handleResource(
  options: PipelineOptions,
  request: ApiRequest,
  info: ResourceRequest,
  user: Authentication['user'],
  known: Pick<RequestScope, 'warnings' | 'standing' | 'opening'>,
): Promise<ApiResponse> {
  const { warnings, standing } = known;
  const resource = resolveRequest(options.registry, info);
  const { deprecationWarning } = resource.version;
  if (deprecationWarning !== undefined) warnings.add(deprecationWarning);
  const connect = connectOf(options, info);
  if (connect !== undefined)
    return await handleConnect({ server: options, request, info, resource, user, standing }, connect);
  const pretty = info.verb !== 'watch' && wantsPretty(request.query, request.headers['user-agent']);
  const representation = negotiate(request.headers.accept, offerOf(info, resource), pretty);
  const now = options.clock.now();
  const { signal } = request;
  const scope = { server: options, request, info, resource, user, ...known, signal, now, representation };
  return render(scope, await dispatch(scope));
}

function failure(error: ApiError): ApiResponse {
  const body = Buffer.from(encodeJson(error.status as unknown as JsonObject), 'utf8');
  return { status: error.code, headers: { 'content-type': 'application/json', ...statusHeaders(error.status) }, body };
}
