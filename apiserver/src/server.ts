import { randomBytes } from 'node:crypto';
import { apiError, StatusReason } from '@quarterdeck/apis';
import { type Client, encodeJson, type JsonObject, silentLogger, systemClock } from '@quarterdeck/machinery';
import type { UserInfo } from './authn/authenticator.ts';
import { createAuthenticationReviews } from './authn/reviews.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from './authn/service-account-tokens.ts';
import { createStandingCredentials, type StandingCredentials } from './authn/standing-credentials.ts';
import { createTokenRequest } from './authn/token-request.ts';
import type { Authorizer } from './authz/authorizer.ts';
import { ensureBootstrapRbac } from './authz/bootstrap.ts';
import { ensureBootstrapNamespaces } from './authz/bootstrap-namespaces.ts';
import { createRbacAuthorizer, privilegedGroup } from './authz/rbac-authorizer.ts';
import { createAccessReviews } from './authz/reviews.ts';
import { builtinDefinitions } from './builtin/builtins.ts';
import { ensureServiceNetwork } from './builtin/network/master-service.ts';
import { protobufTables } from './builtin/tables/index.ts';
import { bindings } from './builtin/workloads/binding.ts';
import { evictionSubresource } from './builtin/workloads/eviction.ts';
import { nodeDoors, podDoors, serviceDoors } from './builtin/workloads/unreachable.ts';
import { createStore } from './cache/create-store.ts';
import type { Store } from './cache/store.ts';
import { createInProcessClient } from './client/in-process.ts';
import { ensureMandatoryObjects } from './controllers/mandatory-objects.ts';
import { followCrds } from './crd/crd-registrar.ts';
import { customResourceDefinitions } from './crd/crd-strategy.ts';
import { createRuleCompiler, type RuleCompiler } from './crd/rule-programs.ts';
import { createFlowControl, type FlowControl, flowSchemas } from './flowcontrol/flow-control.ts';
import { createServerMetrics } from './metrics/server-metrics.ts';
import { type ContinueTokens, createContinueTokens } from './pipeline/continue-token.ts';
import type { Pipeline } from './pipeline/http-message.ts';
import { createPipeline, type PipelineOptions } from './pipeline/pipeline.ts';
import { createIndexing } from './registry/indexing.ts';
import { type AddedSubresources, createRegistry, type Registry } from './registry/registry.ts';
import type { ApiServerOptions } from './server-options.ts';
import { admissionRules, loginsOf, ownPaths } from './server-parts.ts';
import type { Storage } from './storage/storage.ts';
import { createWebhookCaller, type WebhookCaller } from './webhook/caller.ts';
import { createServiceResolver } from './webhook/resolve-service.ts';

/**
 * A Kubernetes API server without a listener: one function from request to response, and clients that go through it.
 * It has no module state and no timers beyond its store's, so that a process can hold a thousand. design section 5
 */
export interface ApiServer extends AsyncDisposable {
  /** 503 until started and once stopped. */
  readonly pipeline: Pipeline;
  readonly registry: Registry;
  readonly store: Store;
  /** Signs a token of a service account, for the controller that fills Secrets; rejects until started. KA-117 */
  issueToken: ServiceAccountTokens['issue'];
  /** A client that acts as this user, with that user's rights. */
  client(user: UserInfo): Client;
  /** Loads the store, then makes what every server has: namespaces, roles, bindings. KA-148 */
  start(signal?: AbortSignal): Promise<void>;
  /** `/readyz` fails from now on; requests are still served. KA-145 */
  drain(): void;
  /** Refuses requests and lets go of the store. Idempotent. */
  stop(): Promise<void>;
}

/** The server itself, when it sets things up. */
export const systemUser: UserInfo = Object.freeze({
  name: 'system:apiserver',
  groups: Object.freeze([privilegedGroup, 'system:authenticated']),
});

const isServer = ({ name, groups }: UserInfo): boolean => name === systemUser.name && groups.includes(privilegedGroup);

interface Running {
  readonly pipeline: Pipeline;
  readonly authorizer: Authorizer & Partial<AsyncDisposable>;
  readonly credentials: StandingCredentials;
  readonly tokens: ServiceAccountTokens;
  readonly customKinds: AsyncDisposable;
  readonly webhooks: WebhookCaller;
  readonly flowControl: FlowControl | undefined;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const { ruleCompiler = createRuleCompiler() } = options;
  const metrics = options.metrics && createServerMetrics(options.metrics, () => clock.monotonic());
  const storage = metrics?.timed(options.storage) ?? options.storage;
  const store = createStore(storage, { clock, logger });
  metrics?.countObjects(store);
  const doors: AddedSubresources = new Map([
    ['pods', { ...podDoors(() => store), eviction: evictionSubresource(() => server.client(systemUser)) }],
    ['services', serviceDoors],
    ['nodes', nodeDoors],
    ...(options.subresources ?? []),
  ]);
  const registry = createRegistry([], doors);
  const indexing = createIndexing(registry, store);
  let running: Running | undefined;
  let draining = false;
  let stopped = false;

  const isReady = () => running !== undefined && !draining && store.ready;
  const pipeline: Pipeline = (request) => {
    if (running === undefined) return Promise.resolve(unavailable());
    return running.pipeline(request);
  };

  const build = async (): Promise<Running> => {
    const authorizer = options.authorizer?.(store) ?? createRbacAuthorizer(store, { logger, clock });
    const tokens = createServiceAccountTokens({
      keys: options.pki.serviceAccountKeys,
      issuer: options.issuer,
      audiences: [options.issuer],
      store,
      clock,
    });
    const authenticator = loginsOf(options, { tokens, store, clock });
    registerKinds(
      registry,
      { ...options, ruleCompiler, systemClient: () => server.client(systemUser) },
      {
        token: createTokenRequest(tokens, store),
        reviews: {
          ...createAuthenticationReviews(authenticator, [options.issuer]),
          ...createAccessReviews(authorizer),
        },
      },
    );
    const webhooks = createWebhookCaller({ clock, resolveService: createServiceResolver(store) });
    const customKinds = followCrds(store, registry, { ruleCompiler, webhooks, logger, clock });
    const credentials = createStandingCredentials(store, { logger, clock });
    // A server without the kinds, such as a simulated member, has nothing to classify by.
    const isClassifying = registry.byStorageName(flowSchemas) !== undefined;
    const flowControl = isClassifying ? createFlowControl(store, { logger, clock }) : undefined;
    if (flowControl !== undefined) metrics?.countSeats(flowControl);
    const parts = { authenticator, authorizer, credentials, ...(flowControl === undefined ? {} : { flowControl }) };
    return {
      flowControl,
      authorizer,
      credentials,
      tokens,
      customKinds,
      webhooks,
      pipeline: buildPipeline(parts, await continueTokens(storage)),
    };
  };

  const buildPipeline = (
    parts: Pick<PipelineOptions, 'authenticator' | 'authorizer' | 'credentials' | 'flowControl'>,
    tokens: ContinueTokens,
  ): Pipeline =>
    createPipeline({
      ...parts,
      registry,
      store,
      clock,
      logger,
      admission: admissionRules(options, { store, registry, isServer }),
      continueTokens: tokens,
      protobufTables,
      random: options.random ?? Math.random,
      nonResource: ownPaths(options, { registry, clock, isDraining: () => draining, isLoaded: () => store.ready }),
      ...(metrics === undefined ? {} : { observer: metrics.observer }),
      ...(options.listRoom === undefined ? {} : { listRoom: options.listRoom }),
    });

  const server: ApiServer = {
    pipeline,
    registry,
    store,
    async issueToken(spec) {
      if (running === undefined) throw new Error('an API server issues tokens while it runs');
      return await running.tokens.issue(spec);
    },
    client: (user) => createInProcessClient(pipeline, user),
    async start(signal) {
      if (running !== undefined || stopped) throw new Error('an API server is started once');
      await store.start(signal);
      running = await build();
      const client = server.client(systemUser);
      await ensureBootstrapNamespaces(client, signal);
      await ensureBootstrapRbac(client, signal === undefined ? {} : { signal });
      await ensureMandatoryObjects(client, registry, signal);
      if (options.serviceNetwork !== undefined) await ensureServiceNetwork(client, options.serviceNetwork, signal);
      logger.info({ revision: store.revision, ready: isReady() }, 'API server started');
    },
    drain() {
      draining = true;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      const last = running;
      running = undefined;
      indexing[Symbol.dispose]();
      await last?.flowControl?.[Symbol.asyncDispose]();
      await last?.customKinds[Symbol.asyncDispose]();
      last?.webhooks[Symbol.dispose]();
      await last?.credentials[Symbol.asyncDispose]();
      await last?.authorizer[Symbol.asyncDispose]?.();
      await store[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return server;
}

function registerKinds(
  registry: Registry,
  options: ApiServerOptions & { readonly ruleCompiler: RuleCompiler; readonly systemClient: () => Client },
  handlers: Parameters<typeof builtinDefinitions>[0],
): void {
  for (const definition of builtinDefinitions(handlers)) registry.register(definition);
  registry.register(customResourceDefinitions(options));
  for (const definition of options.definitions ?? []) registry.register(definition);
  if (registry.byStorageName('pods') !== undefined) registry.register(bindings(options.systemClient));
}

/** Every replica signs with the same key. KA-82 */
async function continueTokens(storage: Storage): Promise<ContinueTokens> {
  const key = await storage.settings.createOnce('pipeline.continue-key', randomBytes(32).toString('base64'));
  return createContinueTokens(Buffer.from(key, 'base64'));
}

function unavailable() {
  const { status } = apiError(StatusReason.ServiceUnavailable, 'the server is not ready to handle requests', {
    retryAfterSeconds: 1,
  });
  const body = Buffer.from(encodeJson(status as unknown as JsonObject), 'utf8');
  return { status: 503, headers: { 'content-type': 'application/json', 'retry-after': '1' }, body };
}
