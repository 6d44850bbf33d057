import type { ClusterProfile } from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  createHttpClient,
  type HttpClientOptions,
  type Logger,
  type Metrics,
  systemClock,
  type TlsOptions,
} from '@quarterdeck/machinery';
import {
  type ConnectionPlan,
  deprecatedProviders,
  type PlanOptions,
  type PluginCall,
  planConnection,
  planIdentity,
  profileKey,
} from './connection.ts';
import { type CredentialSource, createCredentialSource } from './credential-source.ts';
import type { Credential } from './exec-credential.ts';
import type { ProviderFile } from './provider-file.ts';
import { runPlugin } from './run-plugin.ts';

export interface ClusterAccessOptions extends PlanOptions {
  readonly providers: ProviderFile;
  /** What plugins inherit: usually `process.env`. CP-19 */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Default: none kept. CP-30 */
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  /** Of each client; default `quarterdeck-access`. */
  readonly userAgent?: string;
  /** Runs a plugin; default: as a child process. */
  readonly run?: (call: PluginCall) => Promise<Credential>;
}

/** A client of one member cluster. Dispose of it when the cluster is not needed any more. */
export interface ClusterConnection extends AsyncDisposable {
  readonly plan: ConnectionPlan;
  /** Of the settings: equal for two profiles that lead to the same place in the same way. CP-46 */
  readonly identity: string;
  readonly client: Client;
}

/** Clients for the clusters of an inventory. */
export interface ClusterAccess extends AsyncDisposable {
  /**
   * Builds a client for the cluster of a profile. Runs no plugin: that happens at the first request, and then only when a
   * credential is needed. CP-14
   * @throws AccessError when profile and provider file do not fit
   */
  connect(profile: ClusterProfile): ClusterConnection;
  /** Settings of a profile without a connection. @throws AccessError */
  plan(profile: ClusterProfile): ConnectionPlan;
}

/**
 * Access to member clusters by the credentials plugins of the cluster inventory (KEP-4322): for each profile the first of
 * the consumer's providers that it offers. Connections to one cluster by one plugin call share a credential; two clusters
 * never do. CP-6 to CP-38
 */
export function createClusterAccess(options: ClusterAccessOptions): ClusterAccess {
  const { providers, logger, clock = systemClock } = options;
  const sources = new Map<string, { readonly source: CredentialSource; users: number }>();
  const open = new Set<ClusterConnection>();
  const warned = new Set<string>();
  const obtain = observed(
    options,
    options.run ?? ((call) => runPlugin(call, { environment: options.environment, logger })),
  );

  function borrow(plan: ConnectionPlan, identity: string): CredentialSource {
    const known = sources.get(identity) ?? {
      source: createCredentialSource({ obtain: () => obtain(plan), clock }),
      users: 0,
    };
    known.users++;
    sources.set(identity, known);
    return known.source;
  }

  function giveBack(identity: string): void {
    const known = sources.get(identity);
    if (known !== undefined && --known.users === 0) sources.delete(identity);
  }

  function plan(profile: ClusterProfile): ConnectionPlan {
    const key = profileKey(profile);
    const names = deprecatedProviders(profile);
    if (names.length > 0 && !warned.has(key)) {
      warned.add(key);
      logger.warn({ profile: key, names }, 'the profile uses the deprecated credentialProviders');
    }
    return planConnection(profile, providers, options);
  }

  return {
    plan,
    connect(profile) {
      const settled = plan(profile);
      const identity = planIdentity(settled);
      const source = borrow(settled, identity);
      try {
        const client = createHttpClient({
          ...httpOptions(settled, source),
          userAgent: options.userAgent ?? 'quarterdeck-access',
          clock,
        });
        let closed: Promise<void> | undefined;
        const connection: ClusterConnection = {
          plan: settled,
          identity,
          client,
          [Symbol.asyncDispose]() {
            closed ??= client.close().finally(() => {
              open.delete(connection);
              giveBack(identity);
            });
            return closed;
          },
        };
        open.add(connection);
        return connection;
      } catch (cause) {
        giveBack(identity);
        throw cause;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((connection) => connection[Symbol.asyncDispose]()));
    },
  };
}

/** One credential source as the settings of an HTTP client, which asks for the token before it looks at TLS. */
function httpOptions(plan: ConnectionPlan, source: CredentialSource): HttpClientOptions {
  const base: TlsOptions = {
    ...(plan.caPem === undefined ? {} : { ca: plan.caPem }),
    ...(plan.serverName === undefined ? {} : { serverName: plan.serverName }),
  };
  let used: Credential | undefined;
  let tls = base;
  return {
    baseUrl: plan.server,
    insecure: plan.insecure,
    ...(plan.proxy === undefined ? {} : { proxy: plan.proxy }),
    async token() {
      const credential = await source.get();
      // Another object means other connections: only for another certificate. CP-26
      if (credential.certificate?.cert !== used?.certificate?.cert) tls = { ...base, ...credential.certificate };
      used = credential;
      return credential.token;
    },
    tls: () => tls,
    // A late answer to the credential before says nothing of the one that is used now. CP-24
    onUnauthorized(token) {
      if (used !== undefined && used.token === token) source.refused(used);
    },
  };
}

/** CP-30 */
function observed(
  { metrics, clock = systemClock }: ClusterAccessOptions,
  run: (call: PluginCall) => Promise<Credential>,
): (plan: ConnectionPlan) => Promise<Credential> {
  if (metrics === undefined) return ({ plugin }) => run(plugin);
  const obtained = metrics.counter({
    subsystem: 'access',
    what: 'credentials',
    help: 'Runs of credentials plugins by access type and outcome.',
    labels: ['provider', 'outcome'],
  });
  const seconds = metrics.seconds({
    subsystem: 'access',
    what: 'credentials',
    help: 'How long credentials plugins took, by access type.',
    labels: ['provider'],
  });
  return async ({ provider, plugin }) => {
    const started = clock.monotonic();
    let outcome = 'error';
    try {
      const credential = await run(plugin);
      outcome = 'ok';
      return credential;
    } finally {
      obtained.inc({ provider, outcome });
      seconds.observe({ provider }, (clock.monotonic() - started) / 1000);
    }
  };
}
