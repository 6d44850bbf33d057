import { randomUUID } from 'node:crypto';
import { type ApiError, isUnauthorized } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { Authentication } from '../authn/authenticator.ts';
import { impersonate } from '../authn/impersonation.ts';
import type { Attributes } from '../authz/authorizer.ts';
import { forbidden } from '../authz/forbidden.ts';
import { createStanding } from '../authz/standing.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import { negotiate, wantsPretty } from './accept.ts';
import { compress } from './compress.ts';
import { deadlineOf, startDeadline } from './deadline.ts';
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
      'audit-id': request.headers['audit-id'] ?? randomUUID(),
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
      response = failure(options, toApiError(error, request.signal), error);
    }
    const warned = warnings.headers();
    observation ??= observe();
    observation?.answered(response.status);
    if (response.body instanceof Uint8Array || observation === undefined) observation?.ended();
    else response = { ...response, body: withEnd(response.body, request.signal, observation.ended) };
    return {
      ...response,
      headers: { ...base, ...(warned.length === 0 ? {} : { warning: warned }), ...response.headers },
      body: request.method === 'HEAD' ? new Uint8Array() : response.body,
    };
  };
}

/** What is told beside the answer, whatever becomes of the request. */
interface Notes {
  readonly warnings: Warnings;
  /** Of the response. */
  readonly headers: Record<string, string>;
}

async function answer(
  options: PipelineOptions,
  request: ApiRequest,
  info: RequestInfo,
  notes: Notes,
): Promise<ApiResponse> {
  const staysOpen = info.type === 'resource' && (info.verb === 'watch' || connectOf(options, info) !== undefined);
  const deadline = startDeadline(options.clock, request.signal, staysOpen ? undefined : deadlineOf(request));
  try {
    const work = authorized(options, { ...request, signal: deadline.signal }, info, notes);
    return await deadline.race(staysOpen ? work : work.then((response) => compress(request, response)));
  } finally {
    // A watch goes on after its response began, and must still hear that its client left.
    if (!staysOpen) deadline.cancel();
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
  { warnings, headers }: Notes,
): Promise<ApiResponse> {
  const authentication = await authenticate(options, request, info);
  const { user: caller } = authentication;
  const user = impersonate(request, caller, options.authorizer) ?? caller;
  const attributes: Attributes = attributesOf(info, user);
  Object.assign(headers, options.flowControl?.classify(attributes));
  const decision = options.authorizer.authorize(attributes);
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
  if (info.type === 'resource') {
    const standing = createStanding({
      authorizer: options.authorizer,
      credentials: options.credentials,
      authentication,
      authenticate: async () => await authenticate(options, request, info),
      authorize: (authorizer) => {
        impersonate(request, caller, authorizer);
        return authorizer.authorize(attributes).allowed;
      },
    });
    return handleResource(options, request, info, user, { warnings, standing });
  }
  for (const handler of options.nonResource) {
    const response = await handler(request, info);
    if (response !== undefined) return response;
  }
  throw unknownPath();
}

async function authenticate(options: PipelineOptions, request: ApiRequest, info: RequestInfo): Promise<Authentication> {
  if (request.peer.type === 'internal') return { user: request.peer.user };
  const credentials = {
    authorization: request.headers.authorization,
    clientCertificate: request.peer.clientCertificate,
  };
  const audience = info.type === 'resource' ? connectOf(options, info)?.audience?.(info.name) : undefined;
  if (audience === undefined) return await options.authenticator.authenticate(credentials);
  try {
    return await options.authenticator.authenticate(credentials);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return await options.authenticator.authenticate(credentials, [audience]);
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
  { warnings, standing }: Pick<RequestScope, 'warnings' | 'standing'>,
): Promise<ApiResponse> {
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
  const scope = { server: options, request, info, resource, user, standing, warnings, signal, now, representation };
  return render(scope, await dispatch(scope));
}

function failure(options: PipelineOptions, error: ApiError, cause: unknown): ApiResponse {
  if (error.code >= 500 && error !== cause) options.logger.error({ err: cause }, 'request failed');
  const body = Buffer.from(encodeJson(error.status as unknown as JsonObject), 'utf8');
  return { status: error.code, headers: { 'content-type': 'application/json', ...statusHeaders(error.status) }, body };
}
